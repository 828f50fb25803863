# The alarms of the deployment guardrails: a flow names them in AutoRollbackConfiguration.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.endpoints

  alarm_name          = "${var.name}-${each.value}-5xx"
  alarm_description   = "The endpoint ${each.value} responds with 5xx: a deployment in progress is rolled back. Runbook: terraform/runbook.md#endpoint-errors"
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = { EndpointName = each.value, VariantName = var.variant }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = var.errors_per_minute
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alert_topic_arns
  ok_actions          = var.alert_topic_arns
  tags                = merge(var.tags, { UseCase = each.key })
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = local.endpoints

  alarm_name          = "${var.name}-${each.value}-latency"
  alarm_description   = "A tenth of the answers of the endpoint ${each.value} takes longer than ${var.latency_milliseconds} ms. Runbook: terraform/runbook.md#endpoint-latency"
  namespace           = "AWS/SageMaker"
  metric_name         = "ModelLatency" # in microseconds
  dimensions          = { EndpointName = each.value, VariantName = var.variant }
  extended_statistic  = "p90"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.latency_milliseconds * 1000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alert_topic_arns
  ok_actions          = var.alert_topic_arns
  tags                = merge(var.tags, { UseCase = each.key })
}

# Above its concurrency a serverless endpoint throttles requests. No instance is added that an alarm could wait for.
resource "aws_cloudwatch_metric_alarm" "concurrency" {
  for_each = local.serverless

  alarm_name          = "${var.name}-${each.value}-concurrency"
  alarm_description   = "The serverless endpoint ${each.value} uses all of its max_concurrency: further requests are refused. Runbook: terraform/runbook.md#endpoint-concurrency"
  namespace           = "AWS/SageMaker"
  metric_name         = "ServerlessConcurrentExecutionsUtilization"
  dimensions          = { EndpointName = each.value, VariantName = var.variant }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alert_topic_arns
  ok_actions          = var.alert_topic_arns
  tags                = merge(var.tags, { UseCase = each.key })
}
