# Roles that AWS services assume.
module "events" {
  source = "../role"

  name         = "${var.name}-events"
  description  = "EventBridge: calls Prefect's webhook"
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  trust = jsonencode([{
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sts:AssumeRole"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  }])

  permissions = jsonencode([{
    Sid      = "Webhook"
    Effect   = "Allow"
    Action   = "events:InvokeApiDestination"
    Resource = "arn:aws:events:${var.region}:${var.account_id}:api-destination/${var.name}-*"
  }])
}

module "trail" {
  source = "../role"

  name         = "${var.name}-trail"
  description  = "CloudTrail: writes to its log group"
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  trust = jsonencode([{
    Effect    = "Allow"
    Principal = { Service = "cloudtrail.amazonaws.com" }
    Action    = "sts:AssumeRole"
    Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}" } }
  }])

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
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  trust = jsonencode([{
    Effect    = "Allow"
    Principal = { Service = "monitoring.rds.amazonaws.com" }
    Action    = "sts:AssumeRole"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  }])

  permissions = jsonencode([{
    Sid      = "MachineLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents", "logs:PutRetentionPolicy"]
    Resource = ["${local.arn.logs}:RDSOSMetrics", "${local.arn.logs}:RDSOSMetrics:log-stream:*"]
  }])
}
