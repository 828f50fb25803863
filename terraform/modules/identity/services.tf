# Roles that other AWS services assume.
module "events" {
  source = "../role"

  name         = "${var.name}-events"
  description  = "EventBridge: calls Prefect's webhook and sends to the queues"
  trust        = jsonencode(local.services["events"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      Sid      = "Webhook"
      Effect   = "Allow"
      Action   = "events:InvokeApiDestination"
      Resource = "${local.arn.events}:api-destination/${var.name}-*"
    },
    {
      Sid      = "Queues"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = ["${local.arn.sqs}-ecs-tasks", "${local.arn.sqs}-events"]
    },
    {
      Sid       = "QueuesKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.operations_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.sqs } }
    },
  ])
}

module "scheduler" {
  source = "../role"

  name         = "${var.name}-scheduler"
  description  = "EventBridge Scheduler: starts and stops the MLflow tracking server"
  trust        = jsonencode(local.services["scheduler"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([{
    Sid      = "TrackingServer"
    Effect   = "Allow"
    Action   = ["sagemaker:StartMlflowTrackingServer", "sagemaker:StopMlflowTrackingServer"]
    Resource = local.arn.mlflow
  }])
}

module "trail" {
  source = "../role"

  name         = "${var.name}-trail"
  description  = "CloudTrail: writes to its log group"
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  # CloudTrail is reported to take the role without naming the trail or the account, and its own example has no condition:
  # IfExists refuses other trails' names alone.
  trust = jsonencode([for statement in local.services["cloudtrail"] : merge(statement, {
    Condition = { StringEqualsIfExists = { "aws:SourceArn" = "${local.aws}:cloudtrail:${local.here}:trail/${var.name}" } }
  })])

  permissions = jsonencode([{
    Sid      = "AuditLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "${local.arn.logs}:/${var.name}/audit:log-stream:*"
  }])
}

module "monitoring" {
  source = "../role"

  name         = "${var.name}-monitoring"
  description  = "RDS: reports the database's machine"
  trust        = jsonencode(local.services["monitoring.rds"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([{
    Sid      = "MachineLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents", "logs:PutRetentionPolicy"]
    Resource = ["${local.arn.logs}:RDSOSMetrics", "${local.arn.logs}:RDSOSMetrics:log-stream:*"]
  }])
}
