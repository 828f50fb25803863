# Three roles for Prefect on ECS: the worker starts flow runs, a flow run drives SageMaker, ECS pulls and logs.
locals {
  # What a flow may create, and the names for each use case (tasks/names.py).
  resources = flatten([
    for slug in values(local.slugs) : [
      "${local.arn.sagemaker}:training-job/${slug}-*",
      "${local.arn.sagemaker}:processing-job/${slug}-*",
      "${local.arn.sagemaker}:transform-job/${slug}-*",
      "${local.arn.sagemaker}:hyper-parameter-tuning-job/${slug}-*",
      "${local.arn.sagemaker}:model/${slug}-*",
      "${local.arn.sagemaker}:endpoint-config/${slug}-*",
      "${local.arn.sagemaker}:endpoint/${slug}",
      "${local.arn.sagemaker}:model-package-group/${slug}",
      "${local.arn.sagemaker}:model-package/${slug}/*",
      "${local.arn.sagemaker}:feature-group/${slug}-*",
    ]
  ])
}

module "flow" {
  source = "../role"

  name         = "${var.name}-flow"
  description  = "A flow run of Prefect: starts SageMaker jobs and deploys models"
  trust        = local.services["ecs-tasks"]
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      Sid      = "Lifecycle"
      Effect   = "Allow"
      Resource = local.resources
      Action = [
        "sagemaker:AddTags", "sagemaker:BatchDescribeModelPackage", "sagemaker:BatchGetRecord",
        "sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateHyperParameterTuningJob", "sagemaker:CreateModel", "sagemaker:CreateModelPackage",
        "sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob", "sagemaker:CreateTransformJob",
        "sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel", "sagemaker:Describe*",
        "sagemaker:GetRecord", "sagemaker:InvokeEndpoint", "sagemaker:ListTags", "sagemaker:PutRecord",
        "sagemaker:StopHyperParameterTuningJob", "sagemaker:StopProcessingJob", "sagemaker:StopTrainingJob",
        "sagemaker:StopTransformJob", "sagemaker:UpdateEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities",
        "sagemaker:UpdateModelPackage",
      ]
    },
    {
      Sid      = "Lists"
      Effect   = "Allow"
      Action   = ["sagemaker:List*", "sagemaker:Search", "logs:DescribeLogGroups", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"]
      Resource = "*"
    },
    {
      Sid      = "Experiments"
      Effect   = "Allow"
      Action   = [for verb in ["Create", "Delete", "Get", "Log", "Search", "Set", "Update"] : "sagemaker-mlflow:${verb}*"]
      Resource = "${local.arn.sagemaker}:mlflow-tracking-server/${var.name}"
    },
    {
      Sid       = "HandRolesToSageMaker"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = ["${local.arn.roles}-job-*", "${local.arn.roles}-endpoint-*"]
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    },
    {
      Sid    = "Objects"
      Effect = "Allow"
      Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
      # MLflow's client writes a run's artefacts to the tracking server's store itself.
      Resource = concat(
        flatten([for purpose in ["data", "artefacts", "monitoring"] : [for use_case in var.use_cases : "${local.bucket[purpose]}/${use_case}/*"]]),
        ["${local.bucket.artefacts}/mlflow/*"],
      )
    },
    {
      Sid      = "Listings"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
      Resource = [for purpose in ["data", "artefacts", "monitoring"] : local.bucket[purpose]]
    },
    {
      Sid       = "DataKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      # CreateEndpointConfig and the jobs' volumes: SageMaker creates a grant on the key in the caller's name.
      Sid       = "DataKeyForVolumes"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = var.data_key_arn
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
    {
      Sid      = "JobLogs"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
      Resource = [local.arn.job_logs, "${local.arn.job_logs}:log-stream:*"]
    },
    {
      Sid       = "Metrics"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = var.metric_namespace } }
    },
    {
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      Resource = [local.arn.parameters, "${local.arn.parameters}/*"]
    },
  ])
}

module "worker" {
  source = "../role"

  name         = "${var.name}-worker"
  description  = "The Prefect worker: starts flow runs as ECS tasks, and nothing else"
  trust        = local.services["ecs-tasks"]
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      Sid      = "TaskDefinitions"
      Effect   = "Allow"
      Action   = ["ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition"]
      Resource = "*"
    },
    {
      Sid      = "OwnTaskDefinitions"
      Effect   = "Allow"
      Action   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
      Resource = ["${local.arn.ecs}:task-definition/${var.name}*:*", "${local.arn.ecs}:task/${var.name}/*"]
    },
    {
      Sid       = "FlowRuns"
      Effect    = "Allow"
      Action    = "ecs:RunTask"
      Resource  = "${local.arn.ecs}:task-definition/${var.name}*:*"
      Condition = { ArnEquals = { "ecs:cluster" = "${local.arn.ecs}:cluster/${var.name}" } }
    },
    {
      Sid       = "OwnFlowRuns"
      Effect    = "Allow"
      Action    = ["ecs:DescribeTasks", "ecs:StopTask"]
      Resource  = "${local.arn.ecs}:task/${var.name}/*"
      Condition = { ArnEquals = { "ecs:cluster" = "${local.arn.ecs}:cluster/${var.name}" } }
    },
    {
      Sid      = "NetworkLookups"
      Effect   = "Allow"
      Action   = ["ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = "*"
    },
    {
      Sid       = "HandRolesToTasks"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = ["${local.arn.roles}-flow", "${local.arn.roles}-execution"]
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    },
    {
      Sid      = "FlowRunLogs"
      Effect   = "Allow"
      Action   = "logs:GetLogEvents"
      Resource = "${local.arn.logs}:/${var.name}/prefect:log-stream:*"
    },
  ])
}

module "execution" {
  source = "../role"

  name         = "${var.name}-execution"
  description  = "ECS itself: pulls the image, reads the secrets, writes the log"
  trust        = local.services["ecs-tasks"]
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
      Resource = [local.arn.secrets, local.arn.database_secrets]
    },
    {
      Sid       = "SecretsKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.operations_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
    },
  ])
}
