# Roles for Prefect on ECS: the worker starts flow runs, ECS pulls the image and writes the log. Flow runs: flow.tf.
module "worker" {
  source = "../role"

  name         = "${var.name}-worker"
  description  = "The Prefect worker: starts flow runs as ECS tasks, and nothing else"
  trust        = jsonencode(local.services["ecs-tasks"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      # These actions know no resource. A definition runs only if its family may run, with roles that may be passed.
      Sid      = "TaskDefinitions"
      Effect   = "Allow"
      Action   = ["ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"]
      Resource = "*"
    },
    {
      Sid       = "FlowRuns"
      Effect    = "Allow"
      Action    = "ecs:RunTask"
      Resource  = "${local.arn.ecs}:task-definition/${var.name}-flow:*"
      Condition = { ArnEquals = { "ecs:cluster" = "${local.arn.ecs}:cluster/${var.name}" } }
    },
    {
      Sid       = "FlowRunTags"
      Effect    = "Allow"
      Action    = "ecs:TagResource"
      Resource  = "${local.arn.ecs}:task/${var.name}/*"
      Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
    },
    {
      Sid       = "OwnFlowRuns"
      Effect    = "Allow"
      Action    = ["ecs:DescribeTasks", "ecs:StopTask"]
      Resource  = "${local.arn.ecs}:task/${var.name}/*"
      Condition = { ArnEquals = { "ecs:cluster" = "${local.arn.ecs}:cluster/${var.name}" } }
    },
    {
      # Checks the subnets of the pool's network configuration.
      Sid      = "NetworkLookups"
      Effect   = "Allow"
      Action   = ["ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = "*"
    },
    {
      # IAM can't tell a task role from an execution role: a task may also run as `execution`, which reads secrets only.
      Sid       = "HandRolesToTasks"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = ["${local.arn.roles}-flow-*", "${local.arn.roles}-execution"]
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    },
    {
      # Prefect's observer finds tasks that died; `events` has drift and failed jobs.
      Sid      = "Queues"
      Effect   = "Allow"
      Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = ["${local.arn.sqs}-ecs-tasks", "${local.arn.sqs}-events"]
    },
    {
      # `vishwaops events` finds its queue.
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = ["${local.arn.parameters}/use_cases", "${local.arn.parameters}/events/*"]
    },
    {
      Sid       = "QueuesKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.operations_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.sqs } }
    },
    {
      Sid      = "FlowRunLogs"
      Effect   = "Allow"
      Action   = "logs:GetLogEvents"
      Resource = "${local.arn.logs}:/${var.name}/prefect:log-stream:*"
    },
  ])
}

module "server" {
  source = "../role"

  name         = "${var.name}-server"
  description  = "The Prefect server: lets a session of Systems Manager reach its port, and nothing else"
  trust        = jsonencode(local.services["ecs-tasks"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([{
    Sid      = "Sessions"
    Effect   = "Allow"
    Action   = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
    Resource = "*"
  }])
}

module "execution" {
  source = "../role"

  name         = "${var.name}-execution"
  description  = "ECS itself: pulls the image, reads the secrets, writes the log"
  trust        = jsonencode(local.services["ecs-tasks"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      Sid      = "ImageLogin"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid      = "Image"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = local.arn.repository
    },
    {
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${local.arn.logs}:/${var.name}/prefect:*"
    },
    {
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = local.arn.secrets
    },
    {
      Sid       = "DatabaseSecret"
      Effect    = "Allow"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = local.arn.database_secrets
      Condition = { ArnLike = { "aws:ResourceTag/aws:rds:primaryDBInstanceArn" = local.arn.databases } }
    },
    {
      Sid       = "SecretsKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.operations_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.secretsmanager } }
    },
  ])
}
