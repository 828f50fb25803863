mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:111111111111:queue", url = "https://sqs/queue" }
  }

  mock_resource "aws_cloudwatch_event_api_destination" {
    defaults = { arn = "arn:aws:events:us-east-1:111111111111:api-destination/vishwaops-dev-prefect" }
  }

  mock_resource "aws_cloudwatch_event_connection" {
    defaults = { arn = "arn:aws:events:us-east-1:111111111111:connection/vishwaops-dev-prefect" }
  }
}

variables {
  name                = "vishwaops-dev"
  account_id          = "111111111111"
  region              = "us-east-1"
  use_cases           = ["student_enrollment", "cake_popularity"]
  scheduled_use_cases = ["student_enrollment"]
  metric_namespace    = "vishwaops/dev"
  endpoint_alarms     = ["vishwaops-dev-student-enrollment-5xx"]
  topic_arn           = "arn:aws:sns:us-east-1:111111111111:alerts"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/operations"
  drift_thresholds    = { student_enrollment = 0.25 }
  quality_thresholds  = { student_enrollment = { at_least = 0.75 } }
  tags                = { Owner = "mlops" }
}

run "one_composite_alarm_includes_all_others" {
  command = plan

  assert {
    condition = alltrue([
      for alarm in ["student-enrollment-drift", "student-enrollment-quality", "student-enrollment-no-data", "failed-jobs", "waiting-events", "lost-events", "student-enrollment-5xx"] :
      strcontains(aws_cloudwatch_composite_alarm.this.alarm_rule, "ALARM(\"vishwaops-dev-${alarm}\")")
    ])
    error_message = "expected every alarm in the composite one; found ${aws_cloudwatch_composite_alarm.this.alarm_rule}"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.quality["student_enrollment"].comparison_operator == "LessThanThreshold"
    error_message = "expected an alarm when quality falls below its bound"
  }

  assert {
    condition     = [for use_case, alarm in aws_cloudwatch_metric_alarm.no_data : "${use_case} ${alarm.treat_missing_data} ${alarm.evaluation_periods * alarm.period / 3600} h"] == ["student_enrollment breaching 48 h"]
    error_message = "expected an alarm for the scheduled use case alone, after two days without rows; found ${jsonencode([for use_case, alarm in aws_cloudwatch_metric_alarm.no_data : "${use_case} ${alarm.evaluation_periods}"])}"
  }
}

run "a_composite_alarm_has_a_hundred_alarms_at_most" {
  command = plan

  variables {
    use_cases          = [for number in range(30) : "use_case_of_long_name_${number}"]
    drift_thresholds   = { for number in range(30) : "use_case_of_long_name_${number}" => 0.25 }
    quality_thresholds = { for number in range(30) : "use_case_of_long_name_${number}" => { at_least = 0.75 } }
    endpoint_alarms    = [for number in range(90) : "vishwaops-dev-use-case-of-long-name-${number}"]

    scheduled_use_cases = []
  }

  assert {
    condition     = [for alarm in aws_cloudwatch_composite_alarm.group : length(split(" OR ", alarm.alarm_rule))] == [100, 53]
    error_message = "expected groups of a hundred alarms at most, with every alarm; found ${jsonencode([for alarm in aws_cloudwatch_composite_alarm.group : length(split(" OR ", alarm.alarm_rule))])}"
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.this.alarm_rule == "ALARM(\"vishwaops-dev-unwell-1\") OR ALARM(\"vishwaops-dev-unwell-2\")" && alltrue([for alarm in aws_cloudwatch_composite_alarm.group : alarm.alarm_actions == null && length(alarm.alarm_rule) < 10240])
    error_message = "expected one signal of both groups, which send nothing themselves; found ${aws_cloudwatch_composite_alarm.this.alarm_rule}"
  }
}

run "the_dashboard_has_every_figure_of_live_traffic_for_each_use_case" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for metric in ["MaximumPSI", "PrimaryMetric", "EstimatedPrimaryMetric", "IntervalCoverage", "RefusedRows", "Retrainings"] : [
        for use_case in var.use_cases :
        strcontains(aws_cloudwatch_dashboard.this.dashboard_body, jsonencode([var.metric_namespace, metric, "UseCase", use_case]))
      ]
    ]))
    error_message = "expected a chart of each metric that the flow monitor publishes"
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "expected no chart above another one"
  }
}

run "charts_are_of_the_region_but_charges_of_us_east_1" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  assert {
    condition     = { for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.region => widget.properties.title... }["us-east-1"] == ["Cost of the month (USD)"]
    error_message = "expected the charges from us-east-1, and nothing else"
  }
}

run "an_error_metric_alarms_above_its_bound" {
  command = plan

  variables {
    quality_thresholds = { student_enrollment = { at_most = 15 } }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.quality["student_enrollment"].comparison_operator == "GreaterThanThreshold" && aws_cloudwatch_metric_alarm.quality["student_enrollment"].threshold == 15
    error_message = "expected an alarm above 15"
  }
}

run "queue_and_logs_are_encrypted" {
  command = plan

  assert {
    condition     = aws_sqs_queue.events.kms_master_key_id == var.kms_key_arn && aws_sqs_queue.lost.kms_master_key_id == var.kms_key_arn && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.kms_key_arn && group.retention_in_days == 365])
    error_message = "expected the key on the queue and on every log group, kept for a year"
  }
}

run "without_a_webhook_drift_and_failed_jobs_go_to_the_queue_and_failed_jobs_to_people" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_event_target.this) == ["drift/queue", "failed-jobs/queue", "failed-jobs/topic"] && keys(aws_cloudwatch_event_rule.this) == ["drift", "failed-jobs"]
    error_message = "expected a target for each rule; found ${jsonencode(keys(aws_cloudwatch_event_target.this))}"
  }

  assert {
    condition     = aws_cloudwatch_event_target.this["failed-jobs/topic"].arn == var.topic_arn && alltrue([for target in aws_cloudwatch_event_target.this : target.role_arn == null])
    error_message = "expected the topic and the queue without a role, which EventBridge does not use for them"
  }

  assert {
    condition     = [for name in jsondecode(aws_cloudwatch_event_rule.this["drift"].event_pattern).detail.alarmName : name.wildcard] == ["vishwaops-dev-*-drift", "vishwaops-dev-*-quality"]
    error_message = "expected drift and quality alarms alone, which start a retraining; found ${aws_cloudwatch_event_rule.this["drift"].event_pattern}"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.events.redrive_policy).maxReceiveCount == 5 && alltrue([for policy in aws_sqs_queue_policy.this : strcontains(policy.policy, "arn:aws:events:us-east-1:111111111111:rule/vishwaops-dev-*")])
    error_message = "expected events that fail five times among the lost ones, and only own rules to send"
  }
}

run "with_a_webhook_prefect_cloud_receives_every_event" {
  command = plan

  variables {
    prefect_webhook = "https://api.prefect.cloud/hooks/x"
    events_role_arn = "arn:aws:iam::111111111111:role/events"
  }

  assert {
    condition     = keys(aws_cloudwatch_event_target.this) == ["approvals/webhook", "drift/webhook", "endpoints/webhook", "failed-jobs/topic", "failed-jobs/webhook"]
    error_message = "expected the webhook in place of the queue; found ${jsonencode(keys(aws_cloudwatch_event_target.this))}"
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : target.dead_letter_config[0].arn == "arn:aws:sqs:us-east-1:111111111111:queue"]) && aws_cloudwatch_event_target.this["drift/webhook"].role_arn == "arn:aws:iam::111111111111:role/events"
    error_message = "expected failed deliveries in the queue, and the webhook's role"
  }
}

run "events_that_nobody_receives_raise_an_alarm" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.waiting_events.dimensions == tomap({ QueueName = "vishwaops-dev-events" }) && aws_cloudwatch_metric_alarm.waiting_events.threshold == 7200
    error_message = "expected an alarm after two hours"
  }
}

run "refuses_a_webhook_in_plain_http" {
  command = plan

  variables {
    prefect_webhook     = "http://prefect/hooks/x"
    no_data_hours       = 24
    event_hours         = 0
    scheduled_use_cases = ["unknown"]
    log_retention_days  = 42
    drift_thresholds    = { student_enrollment = 0 }
    quality_thresholds  = { student_enrollment = {} }
  }

  expect_failures = [var.prefect_webhook, var.no_data_hours, var.event_hours, var.scheduled_use_cases, var.log_retention_days, var.drift_thresholds, var.quality_thresholds]
}
