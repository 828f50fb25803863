resource "aws_cloudwatch_metric_alarm" "drift" {
  for_each = var.drift_thresholds

  alarm_name          = "${var.name}-${local.slugs[each.key]}-drift"
  alarm_description   = "A feature of ${each.key} has drifted: its PSI is above ${each.value}. Runbook: terraform/runbook.md#drift"
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
  alarm_description   = "The champion of ${each.key} misses its quality bound on rows with ground truth. Runbook: terraform/runbook.md#quality"
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

# Only what a schedule scores: everything else is scored when somebody asks for it.
resource "aws_cloudwatch_metric_alarm" "no_data" {
  for_each = { for use_case in var.scheduled_use_cases : use_case => local.slugs[use_case] }

  alarm_name          = "${var.name}-${each.value}-no-data"
  alarm_description   = "Nothing was scored for ${each.key} in ${var.no_data_hours} hours, although a schedule scores it. Runbook: terraform/runbook.md#no-data"
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

# SageMaker has no metric of failed jobs; EventBridge counts the events that match the rule, and sends each to the topic.
resource "aws_cloudwatch_metric_alarm" "failed_jobs" {
  alarm_name          = "${var.name}-failed-jobs"
  alarm_description   = "A SageMaker job failed or was stopped; the job's FailureReason has the cause. Runbook: terraform/runbook.md#failed-jobs"
  namespace           = "AWS/Events"
  metric_name         = "MatchedEvents"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.this["failed-jobs"].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "waiting_events" {
  alarm_name          = "${var.name}-waiting-events"
  alarm_description   = "An event waits in the queue ${aws_sqs_queue.events.name} for ${var.event_hours} hours: nothing receives it. Runbook: terraform/runbook.md#waiting-events"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.events.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = var.event_hours * 3600
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "lost_events" {
  alarm_name          = "${var.name}-lost-events"
  alarm_description   = "An event could not be delivered or handled; it waits in the queue ${aws_sqs_queue.lost.name}. Runbook: terraform/runbook.md#lost-events"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.lost.name }
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
    [for alarm in aws_cloudwatch_metric_alarm.no_data : alarm.alarm_name],
    [for alarm in [aws_cloudwatch_metric_alarm.failed_jobs, aws_cloudwatch_metric_alarm.waiting_events, aws_cloudwatch_metric_alarm.lost_events] : alarm.alarm_name],
    var.endpoint_alarms,
  )
}

# A composite alarm has a hundred alarms at most. More are in groups, which send nothing themselves.
locals {
  whole  = sort(local.watched)
  groups = length(local.whole) > 100 ? { for index, alarms in chunklist(local.whole, 100) : index + 1 => alarms } : {}
}

resource "aws_cloudwatch_composite_alarm" "group" {
  for_each = local.groups

  alarm_name        = "${var.name}-unwell-${each.key}"
  alarm_description = "Part of ${var.name}-unwell: a hundred of its alarms. Runbook: terraform/runbook.md#unwell"
  alarm_rule        = join(" OR ", [for alarm in each.value : "ALARM(\"${alarm}\")"])
  tags              = var.tags
}

resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name        = "${var.name}-unwell"
  alarm_description = "One signal for the whole platform: at least one of its alarms is in alarm. Runbook: terraform/runbook.md#unwell"
  alarm_rule        = join(" OR ", [for alarm in coalescelist([for group in aws_cloudwatch_composite_alarm.group : group.alarm_name], local.whole) : "ALARM(\"${alarm}\")"])
  alarm_actions     = [var.topic_arn]
  ok_actions        = [var.topic_arn]
  tags              = var.tags
}
