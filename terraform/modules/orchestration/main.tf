locals {
  self_hosted = var.prefect.kind == "self_hosted" ? 1 : 0
  started     = var.image_tag == null ? 0 : 1
  api_url     = var.prefect.kind == "cloud" ? var.prefect.api_url : "http://prefect.${var.name}.internal:4200/api"
  flow_family = "${var.name}-flow"

  # Before the first image is pushed the task definitions name one that does not exist, and no task starts.
  tag   = coalesce(var.image_tag, "not-pushed-yet")
  image = "${var.image_repository}${startswith(local.tag, "sha256:") ? "@" : ":"}${local.tag}"

  # What a client proves itself with to Prefect's API.
  credential = {
    cloud       = { name = "prefect-api-key", variable = "PREFECT_API_KEY", what = "The worker's Prefect API key" }
    self_hosted = { name = "prefect-auth-string", variable = "PREFECT_API_AUTH_STRING", what = "The authentication string of Prefect's API, user:password" }
  }[var.prefect.kind]
  credential_name       = "${var.name}/${local.credential.name}"
  credential_is_set     = try(length(data.aws_secretsmanager_secret_versions.credential[0].versions), 0) > 0 # null where there is none
  credential_is_missing = "image_tag: expected a value in the secret ${local.credential_name}, or no task could start; found none. Set it: aws secretsmanager put-secret-value --secret-id ${local.credential_name} --secret-string ... (terraform/modules/orchestration/README.md)"
  credential_secret     = { name = local.credential.variable, valueFrom = aws_secretsmanager_secret.credential.arn }

  # The folders that a container may write to: its root file system is read-only.
  scratch = [{ sourceVolume = "scratch", containerPath = "/tmp", readOnly = false }]

  quiet = [
    { name = "AWS_DEFAULT_REGION", value = var.region },
    { name = "DO_NOT_TRACK", value = "true" },
    { name = "PREFECT_SERVER_ANALYTICS_ENABLED", value = "false" },
    { name = "PREFECT_HOME", value = "/tmp/prefect" },
  ]

  logging = {
    for part in ["worker", "events", "server", "flow"] : part => {
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
  #checkov:skip=CKV_AWS_65:Container Insights is paid by the metric; the alarms need none of its metrics
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }

  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  count = length(var.spot) > 0 ? 1 : 0

  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/prefect"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# ECS creates it without expiry and key, unless it exists.
resource "aws_cloudwatch_log_group" "insights" {
  count = var.container_insights ? 1 : 0

  name              = "/aws/ecs/containerinsights/${var.name}/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# Its value is set by hand: Terraform's state holds no secret.
resource "aws_secretsmanager_secret" "credential" {
  #checkov:skip=CKV2_AWS_57:Prefect has no API with which a Lambda function could rotate it; terraform/README.md says how to change it
  name                    = local.credential_name
  description             = local.credential.what
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_days
  tags                    = var.tags
}

# The versions' ids, not their values.
data "aws_secretsmanager_secret_versions" "credential" {
  count = local.started

  secret_id = aws_secretsmanager_secret.credential.id
}
