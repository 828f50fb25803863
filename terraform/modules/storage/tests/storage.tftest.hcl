mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/mock", key_id = "mock" }
  }
}

variables {
  database   = "vishwaops_dev"
  name       = "vishwaops-dev"
  account_id = "111111111111"
  region     = "us-east-1"
  # With a guard, the test could not destroy what it applied.
  force_destroy = true
  tags          = { Owner = "mlops" }
  buckets = {
    data = "dev-data", artefacts = "dev-artefacts", monitoring = "dev-monitoring", logs = "dev-logs", audit = "dev-audit"
  }
}

run "five_buckets_four_keys" {
  assert {
    condition     = jsonencode(output.buckets) == jsonencode(var.buckets)
    error_message = "expected a bucket for each purpose; found ${jsonencode(output.buckets)}"
  }

  assert {
    condition     = alltrue([for arn in [output.data_key_arn, output.operations_key_arn, output.audit_key_arn, output.signing_key_arn] : startswith(arn, "arn:aws:kms:")])
    error_message = "expected a key each for data, operations, audit and signatures"
  }
}

run "an_existing_key_is_used_and_no_other_created" {
  variables {
    existing_keys = { data = "arn:aws:kms:us-east-1:111111111111:key/theirs" }
  }

  assert {
    condition     = output.data_key_arn == "arn:aws:kms:us-east-1:111111111111:key/theirs" && length(module.data_key) == 0 && length(module.audit_key) == 1
    error_message = "expected the given key; found ${output.data_key_arn}"
  }
}

run "what_must_stay_is_guarded" {
  command = plan

  variables {
    force_destroy = false
  }

  assert {
    condition     = module.guard[0].protects == tolist(["audit", "audit_key", "data_key", "operations_key", "signing_key"])
    error_message = "expected the audit bucket and the keys; found ${jsonencode(module.guard[*].protects)}"
  }
}

run "refuses_an_alias_and_a_key_without_a_purpose" {
  command = plan

  variables {
    existing_keys = { state = "alias/theirs" }
  }

  expect_failures = [var.existing_keys]
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
