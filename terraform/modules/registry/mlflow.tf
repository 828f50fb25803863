resource "aws_sagemaker_mlflow_tracking_server" "this" {
  count = var.mlflow == null ? 0 : 1

  tracking_server_name = var.name
  tracking_server_size = var.mlflow.size
  mlflow_version       = var.mlflow.version
  role_arn             = var.mlflow.role_arn
  artifact_store_uri   = "s3://${var.bucket}/mlflow"
  # The model registry holds what may be deployed; MLflow holds experiments.
  automatic_model_registration = false
  tags                         = var.tags
}

# A stopped server costs nothing for its hours, and keeps its experiments.
resource "aws_scheduler_schedule" "mlflow" {
  #checkov:skip=CKV_AWS_297:The input is the tracking server's name, which is no secret
  for_each = {
    for action, expression in {
      start = try(var.mlflow.schedule.start, null)
      stop  = try(var.mlflow.schedule.stop, null)
    } : action => expression if expression != null
  }

  name                         = "${var.name}-mlflow-${each.key}"
  description                  = "MLflow: ${each.key} the tracking server"
  schedule_expression          = each.value
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${data.aws_partition.current.partition}:scheduler:::aws-sdk:sagemaker:${each.key}MlflowTrackingServer"
    role_arn = var.mlflow.scheduler_role_arn
    input    = jsonencode({ TrackingServerName = aws_sagemaker_mlflow_tracking_server.this[0].tracking_server_name })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }
}

data "aws_partition" "current" {}
