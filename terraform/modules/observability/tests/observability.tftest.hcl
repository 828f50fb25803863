mock_provider "aws" {
  override_during = plan

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:111111111111:vishwaops-dev-lost-events", url = "https://sqs/queue" }
  }

  mock_resource "aws_cloudwatch_event_api_destination" {
    defaults = { arn = "arn:aws:events:us-east-1:111111111111:api-destination/vishwaops-dev-prefect" }
  }

  mock_resource "aws_cloudwatch_event_connection" {
    defaults = { arn = "arn:aws:events:us-east-1:111111111111:connection/vishwaops-dev-prefect" }
  }
}

variables {
  name               = "vishwaops-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  use_cases          = ["student_enrollment"]
  metric_namespace   = "vishwaops/dev"
  endpoint_alarms    = ["vishwaops-dev-student-enrollment-5xx"]
  topic_arn          = "arn:aws:sns:us-east-1:111111111111:alerts"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/operations"
  drift_thresholds   = { student_enrollment = 0.25 }
  quality_thresholds = { student_enrollment = { at_least = 0.75 } }
  tags               = { Owner = "mlops" }
}

run "one_composite_alarm_includes_all_others" {
  command = plan

  assert {
    condition = alltrue([
      for alarm in ["student-enrollment-drift", "student-enrollment-quality", "failed-jobs", "lost-events", "student-enrollment-5xx"] :
      strcontains(aws_cloudwatch_composite_alarm.this.alarm_rule, "ALARM(\"vishwaops-dev-${alarm}\")")
    ])
    error_message = "expected every alarm in the composite one; found ${aws_cloudwatch_composite_alarm.this.alarm_rule}"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.quality["student_enrollment"].comparison_operator == "LessThanThreshold"
    error_message = "expected an alarm when quality falls below its bound"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_data["student_enrollment"].treat_missing_data == "breaching"
    error_message = "expected an alarm when no rows are scored"
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
    condition     = aws_sqs_queue.this.kms_master_key_id == var.kms_key_arn && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.kms_key_arn && group.retention_in_days == 365])
    error_message = "expected the key on the queue and on every log group, kept for a year"
  }
}

run "events_go_to_prefect_when_it_has_a_webhook" {
  command = plan

  variables {
    prefect_webhook = "https://api.prefect.cloud/hooks/x"
    events_role_arn = "arn:aws:iam::111111111111:role/events"
  }

  assert {
    condition     = keys(aws_cloudwatch_event_target.this) == ["alarms", "approvals", "endpoints", "failed-jobs"] && alltrue([for target in aws_cloudwatch_event_target.this : target.dead_letter_config[0].arn == "arn:aws:sqs:us-east-1:111111111111:vishwaops-dev-lost-events"])
    error_message = "expected a target for every rule, and failed deliveries in the queue"
  }
}

run "nothing_is_called_without_a_webhook" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_event_target.this) == 0 && length(aws_cloudwatch_event_connection.this) == 0
    error_message = "expected no target"
  }
}

run "refuses_a_webhook_in_plain_http" {
  command = plan

  variables {
    prefect_webhook    = "http://prefect/hooks/x"
    no_data_hours      = 48
    log_retention_days = 42
    drift_thresholds   = { student_enrollment = 0 }
    quality_thresholds = { student_enrollment = {} }
  }

  expect_failures = [var.prefect_webhook, var.no_data_hours, var.log_retention_days, var.drift_thresholds, var.quality_thresholds]
}
