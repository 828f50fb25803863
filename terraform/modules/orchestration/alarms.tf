locals {
  # ECS reports a service's CPU once a minute and task: the number of reports is the number of running tasks.
  task_alarms = {
    for part, count in { worker = var.worker.count, server = local.self_hosted } : "${part}-tasks" => {
      what                      = "Fewer than ${count} task(s) of Prefect's ${part} ran for ten minutes"
      anchor                    = "prefect-tasks-missing"
      namespace                 = "AWS/ECS"
      metric                    = "CPUUtilization"
      dimensions                = { ClusterName = var.name, ServiceName = "${var.name}-${part}" }
      statistic                 = "SampleCount"
      period                    = 60
      evaluations               = 10
      comparison                = "LessThanThreshold"
      threshold                 = count
      missing                   = "breaching"
    } if local.started * count > 0
  }

  database_alarms = {
    database-storage = {
      what        = "Prefect's database has less than a fifth of its storage left"
      anchor      = "prefect-database-storage"
      namespace   = "AWS/RDS"
      metric      = "FreeStorageSpace"
      dimensions  = { DBInstanceIdentifier = "${var.name}-prefect" }
      statistic   = "Minimum"
      period      = 300
      evaluations = 3
      comparison  = "LessThanThreshold"
      threshold   = var.database.storage_in_gb * 1024 * 1024 * 1024 / 5
      missing     = "missing"
    }
    database-cpu = {
      what        = "Prefect's database used more than 80 % of its CPU for half an hour"
      anchor      = "prefect-database-cpu"
      namespace   = "AWS/RDS"
      metric      = "CPUUtilization"
      dimensions  = { DBInstanceIdentifier = "${var.name}-prefect" }
      statistic   = "Average"
      period      = 300
      evaluations = 6
      comparison  = "GreaterThanThreshold"
      threshold   = 80
      missing     = "missing"
    }
  }

  flow_alarms = {
    flow-runs-failed = {
      what        = "A flow run failed, crashed, or could not be started"
      anchor      = "flow-runs-failed"
      namespace   = local.failed_runs.namespace
      metric      = local.failed_runs.name
      dimensions  = {}
      statistic   = "Sum"
      period      = 300
      evaluations = 1
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      missing     = "notBreaching"
    }
    ecs-events-not-read = {
      what        = "The worker reads no events of ECS: a crashed flow run stays Running"
      anchor      = "ecs-events-not-read"
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.task_events.name }
      statistic   = "Maximum"
      period      = 300
      evaluations = 3
      comparison  = "GreaterThanThreshold"
      threshold   = 900
      missing     = "notBreaching"
    }
  }

  failed_runs = { namespace = var.metric_namespace, name = "FailedFlowRuns" }
  alarms      = merge(local.task_alarms, local.flow_alarms, local.self_hosted == 1 ? local.database_alarms : {})
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-prefect-${each.key}"
  alarm_description   = "${each.value.what}. Runbook: terraform/runbook.md#${each.value.anchor}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.evaluations
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alert_topic_arns
  ok_actions          = var.alert_topic_arns
  tags                = var.tags
}

# Prefect's own log lines (prefect.flow_engine, prefect.workers.base).
resource "aws_cloudwatch_log_metric_filter" "failed_runs" {
  name           = "${var.name}-failed-flow-runs"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "?\"Finished in state Failed\" ?\"Finished in state Crashed\" ?\"Crash detected\" ?\"Failed to submit flow run\""

  metric_transformation {
    namespace = local.failed_runs.namespace
    name      = local.failed_runs.name
    value     = "1"
  }
}
