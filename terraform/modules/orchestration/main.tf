locals {
  self_hosted = var.prefect.kind == "self_hosted" ? 1 : 0
  api_url     = var.prefect.kind == "cloud" ? var.prefect.api_url : "http://prefect.${var.name}.internal:4200/api"

  # The folders that a container may write to: its root file system is read-only.
  scratch = [{ sourceVolume = "scratch", containerPath = "/tmp", readOnly = false }]

  quiet = [
    { name = "DO_NOT_TRACK", value = "true" },
    { name = "PREFECT_SERVER_ANALYTICS_ENABLED", value = "false" },
    { name = "PREFECT_HOME", value = "/tmp/prefect" },
  ]

  logging = {
    for part in ["worker", "server", "flow"] : part => {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = part
      }
    }
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/prefect"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# Its value is set by hand, or by the workflow that creates the key: Terraform's state holds no secret.
resource "aws_secretsmanager_secret" "api_key" {
  #checkov:skip=CKV2_AWS_57:Prefect has no API with which a Lambda function could rotate an API key; the key expires by Prefect's own setting
  name                    = "${var.name}/prefect-api-key"
  description             = "The worker's Prefect API key"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_days
  tags                    = var.tags
}
