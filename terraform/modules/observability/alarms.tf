resource "aws_cloudwatch_metric_alarm" "drift" {
  for_each = var.drift_thresholds

  alarm_name          = "${var.name}-${local.slugs[each.key]}-drift"
  alarm_description   = "A feature of ${each.key} has drifted: its PSI is above ${each.value}."
  namespace           = var.metric_namespace
  metric_name         = "MaximumPSI"
  dimensions          = { UseCase = each.key }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
  tags                = merge(var.tags, { UseCase = each.key })
}

resource "aws_cloudwatch_metric_alarm" "quality" {
  for_each = var.quality_thresholds

  alarm_name          = "${var.name}-${local.slugs[each.key]}-quality"
  alarm_description   = "The champion of ${each.key} misses its quality bound on rows with ground truth."
  namespace           = var.metric_namespace
  metric_name         = "PrimaryMetric"
  dimensions          = { UseCase = each.key }
  statistic           = "Average"
  period              = 3600
  evaluation_periods  = 1
  threshold           = coalesce(each.value.at_least, each.value.at_most)
  comparison_operator = each.value.at_least != null ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
  tags                = merge(var.tags, { UseCase = each.key })
}

resource "aws_cloudwatch_metric_alarm" "no_data" {
  for_each = local.slugs

  alarm_name          = "${var.name}-${each.value}-no-data"
  alarm_description   = "Nothing was scored for ${each.key} in ${var.no_data_hours} hours."
  namespace           = var.metric_namespace
  metric_name         = "ScoredRows"
  dimensions          = { UseCase = each.key }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.no_data_hours
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
  tags                = merge(var.tags, { UseCase = each.key })
}

# SageMaker has no metric of failed jobs; EventBridge counts the events that match the rule.
resource "aws_cloudwatch_metric_alarm" "failed_jobs" {
  alarm_name          = "${var.name}-failed-jobs"
  alarm_description   = "A SageMaker job failed or was stopped; the job's FailureReason has the cause."
  namespace           = "AWS/Events"
  metric_name         = "MatchedEvents"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.this["failed-jobs"].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "lost_events" {
  alarm_name          = "${var.name}-lost-events"
  alarm_description   = "EventBridge could not deliver an event; it waits in the queue ${aws_sqs_queue.this.name}."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
  tags                = var.tags
}

locals {
  watched = concat(
    [for alarm in aws_cloudwatch_metric_alarm.drift : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.quality : alarm.alarm_name],
    [aws_cloudwatch_metric_alarm.failed_jobs.alarm_name, aws_cloudwatch_metric_alarm.lost_events.alarm_name],
    var.endpoint_alarms,
  )
}

resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name        = "${var.name}-unwell"
  alarm_description = "One signal for the whole platform: at least one of its alarms is in alarm."
  alarm_rule        = join(" OR ", [for alarm in sort(local.watched) : "ALARM(\"${alarm}\")"])
  alarm_actions     = [var.topic_arn]
  ok_actions        = [var.topic_arn]
  tags              = var.tags
}
