mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/mock", key_id = "mock" }
  }
}

variables {
  name       = "vishwaops-dev"
  account_id = "111111111111"
  region     = "us-east-1"
  tags       = { Owner = "mlops" }
  buckets = {
    data = "dev-data", artefacts = "dev-artefacts", monitoring = "dev-monitoring", logs = "dev-logs", audit = "dev-audit"
  }
}

run "five_buckets_three_keys" {
  assert {
    condition     = jsonencode(output.buckets) == jsonencode(var.buckets)
    error_message = "expected a bucket for each purpose; found ${jsonencode(output.buckets)}"
  }

  assert {
    condition     = alltrue([for arn in [output.data_key_arn, output.operations_key_arn, output.audit_key_arn] : startswith(arn, "arn:aws:kms:")])
    error_message = "expected a key each for data, operations and audit"
  }
}

run "refuses_logs_that_expire_before_they_move" {
  command = plan

  variables {
    log_retention_days = 30
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_name_that_no_alias_can_have" {
  command = plan

  variables {
    name = "Vishwa Ops"
  }

  expect_failures = [var.name]
}
