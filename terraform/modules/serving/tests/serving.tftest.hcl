mock_provider "aws" {}

variables {
  name             = "vishwaops-dev"
  hosting          = { student_enrollment = "instances", student_grades = "serverless" }
  alert_topic_arns = ["arn:aws:sns:us-east-1:111111111111:alerts"]
  tags             = { Owner = "mlops" }
}

run "guards_every_endpoint_before_it_exists" {
  command = plan

  assert {
    condition     = output.guardrail_alarms["student_enrollment"] == ["vishwaops-dev-student-enrollment-5xx", "vishwaops-dev-student-enrollment-latency"]
    error_message = "expected both alarms; found ${jsonencode(output.guardrail_alarms)}"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors["student_grades"].dimensions == tomap({ EndpointName = "student-grades", VariantName = "champion" })
    error_message = "expected the endpoint and variant of tasks/names.py"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.latency["student_grades"].threshold == 500000 && aws_cloudwatch_metric_alarm.latency["student_grades"].extended_statistic == "p90"
    error_message = "expected 500 ms in microseconds, the unit of ModelLatency"
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) == 0
    error_message = "expected no target before an endpoint exists"
  }
}

run "only_a_serverless_endpoint_can_run_out_of_concurrency" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.concurrency) == ["student_grades"]
    error_message = "expected the alarm for the serverless endpoint alone; found ${jsonencode(keys(aws_cloudwatch_metric_alarm.concurrency))}"
  }

  assert {
    condition     = length(output.alarms) == 5 && contains(output.alarms, "vishwaops-dev-student-grades-concurrency")
    error_message = "expected every alarm; found ${jsonencode(output.alarms)}"
  }
}

run "refuses_to_scale_a_serverless_endpoint_and_one_that_is_none" {
  command = plan

  variables {
    autoscaling = { student_grades = { maximum = 4 }, unknown = { maximum = 2 } }
  }

  expect_failures = [var.autoscaling]
}

run "refuses_an_unknown_kind_of_hosting" {
  command = plan

  variables {
    hosting = { student_grades = "lambda" }
  }

  expect_failures = [var.hosting]
}

run "scales_by_invocations" {
  command = plan

  variables {
    autoscaling = { student_enrollment = { maximum = 4 } }
  }

  assert {
    condition     = aws_appautoscaling_target.this["student_enrollment"].resource_id == "endpoint/student-enrollment/variant/champion" && aws_appautoscaling_target.this["student_enrollment"].max_capacity == 4
    error_message = "expected the variant, up to 4 instances"
  }
}

run "refuses_a_minimum_above_the_maximum" {
  command = plan

  variables {
    autoscaling = { student_enrollment = { minimum = 3, maximum = 1, invocations_per_minute = 0 } }
  }

  expect_failures = [var.autoscaling]
}

run "refuses_alarms_that_never_or_always_trigger" {
  command = plan

  variables {
    latency_milliseconds = 0
    errors_per_minute    = 0
  }

  expect_failures = [var.latency_milliseconds, var.errors_per_minute]
}
