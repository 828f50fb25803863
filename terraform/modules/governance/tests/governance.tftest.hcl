mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:111111111111:log-group:/vishwaops-dev/audit" }
  }

  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::111111111111:anomalymonitor/mock" }
  }
}

variables {
  name               = "vishwaops-dev"
  audit_bucket       = "dev-audit"
  recorded_buckets   = ["dev-data"]
  audit_key_arn      = "arn:aws:kms:us-east-1:111111111111:key/audit"
  logs_key_arn       = "arn:aws:kms:us-east-1:111111111111:key/operations"
  trail_role_arn     = "arn:aws:iam::111111111111:role/trail"
  topic_arn          = "arn:aws:sns:us-east-1:111111111111:alerts"
  monthly_budget_usd = 300
  tags               = { Owner = "mlops" }
}

run "records_every_call_and_every_read_of_data" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation && aws_cloudtrail.this[0].kms_key_id == var.audit_key_arn
    error_message = "expected all regions, validated and encrypted"
  }

  assert {
    condition     = anytrue(flatten([for selector in aws_cloudtrail.this[0].advanced_event_selector : [for field in selector.field_selector : try(contains(field.starts_with, "arn:aws:s3:::dev-data/"), false)]]))
    error_message = "expected reads and writes of the data bucket recorded"
  }

  # CloudTrail writes a log file every few minutes: the topic is for people.
  assert {
    condition     = aws_cloudtrail.this[0].sns_topic_name == null
    error_message = "expected no message for each log file; found ${jsonencode(aws_cloudtrail.this[0].sns_topic_name)}"
  }
}

run "alerts_before_the_budget_is_spent" {
  command = plan

  assert {
    condition     = toset([for alert in aws_budgets_budget.this.notification : "${alert.threshold} ${alert.notification_type}"]) == toset(["50 ACTUAL", "80 ACTUAL", "100 ACTUAL", "100 FORECASTED"])
    error_message = "expected alerts at 50, 80 and 100 percent, and of the forecast"
  }

  assert {
    condition     = length(aws_budgets_budget.this.cost_filter) == 0
    error_message = "expected the whole account's spending, because a tag that is not activated filters everything out; found ${jsonencode(aws_budgets_budget.this.cost_filter)}"
  }
}

run "creates_no_trail_and_no_monitor_where_the_account_has_them" {
  command = plan

  variables {
    trail       = false
    anomaly_usd = null
  }

  assert {
    condition     = length(aws_cloudtrail.this) == 0 && length(aws_ce_anomaly_monitor.this) == 0 && output.trail_arn == null
    error_message = "expected neither trail nor monitor"
  }
}

run "a_budget_of_an_activated_tag_covers_its_cost_centre" {
  command = plan

  variables {
    cost_centre = "ml"
  }

  assert {
    condition     = one(aws_budgets_budget.this.cost_filter).values == tolist(["user:CostCentre$ml"])
    error_message = "expected only the cost centre's spending; found ${jsonencode(aws_budgets_budget.this.cost_filter)}"
  }
}

run "monitors_spending_by_service" {
  command = plan

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "DIMENSIONAL" && aws_ce_anomaly_monitor.this[0].monitor_dimension == "SERVICE"
    error_message = "expected the only kind that a member account may create"
  }
}

run "an_account_with_a_monitor_keeps_it" {
  command = plan

  variables {
    anomaly_monitor_arn = "arn:aws:ce::111111111111:anomalymonitor/theirs"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.this) == 0 && one(aws_ce_anomaly_subscription.this[0].monitor_arn_list) == "arn:aws:ce::111111111111:anomalymonitor/theirs"
    error_message = "expected a subscription to the account's own monitor; found ${jsonencode(aws_ce_anomaly_subscription.this[0].monitor_arn_list)}"
  }
}

run "refuses_a_monitor_that_is_no_arn" {
  command = plan

  variables {
    anomaly_monitor_arn = "theirs"
  }

  expect_failures = [var.anomaly_monitor_arn]
}

run "refuses_a_budget_of_zero" {
  command = plan

  variables {
    monthly_budget_usd = 0
    anomaly_usd        = -1
  }

  expect_failures = [var.monthly_budget_usd, var.anomaly_usd]
}
