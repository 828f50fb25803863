mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name        = "vishwaops-dev-data-111111111111"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/data"
  log_bucket  = { name = "vishwaops-dev-logs-111111111111" }
  tags        = { DataClass = "confidential" }
}

run "is_private_versioned_encrypted_and_logged" {
  command = plan

  assert {
    condition     = alltrue([for name in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] : aws_s3_bucket_public_access_block.this[name]])
    error_message = "expected all public access blocked"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "expected versioning"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    error_message = "expected the bucket to encrypt with the given key"
  }

  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == var.log_bucket.name && aws_s3_bucket_notification.this.eventbridge
    error_message = "expected access logs and EventBridge notifications"
  }

  assert {
    condition     = aws_s3_bucket.this.tags["DataClass"] == "confidential" && !aws_s3_bucket.this.force_destroy
    error_message = "expected the tags, and a bucket that destroy doesn't empty"
  }
}

run "refuses_plain_http_and_other_keys" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid if statement.Effect == "Deny"] == ["TlsOnly", "NoOtherEncryption", "NoOtherKey"]
    error_message = "expected the policy to refuse plain HTTP, other encryption and other keys; found ${aws_s3_bucket_policy.this.policy}"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "expected requests without TLS to be refused"
  }
}

run "a_log_bucket_uses_the_s3_managed_key" {
  command = plan

  variables {
    kms_key_arn = null
    log_bucket  = null
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256" && length(aws_s3_bucket_logging.this) == 0
    error_message = "expected the S3 managed key and no access log of the log bucket"
  }
}

run "an_object_lock_is_set_at_creation" {
  command = plan

  variables {
    object_lock = { mode = "COMPLIANCE", days = 365 }
  }

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && one(one(aws_s3_bucket_object_lock_configuration.this[0].rule).default_retention).days == 365
    error_message = "expected versions locked for 365 days"
  }
}

run "refuses_a_name_with_dots" {
  command = plan

  variables {
    name = "data.example.org"
  }

  expect_failures = [var.name]
}

run "objects_below_a_prefix_expire_earlier" {
  command = plan

  variables {
    expire_prefixes = { "grades/capture/" = 37 }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [rule.filter[0].prefix, rule.expiration[0].days, rule.noncurrent_version_expiration[0].noncurrent_days] if rule.id != "keep-cheaply"] == [["grades/capture/", 37, 7]]
    error_message = "expected a rule for the prefix; found ${jsonencode(aws_s3_bucket_lifecycle_configuration.this.rule)}"
  }
}

run "refuses_a_prefix_that_names_other_objects" {
  command = plan

  variables {
    expire_prefixes = { "grades/capture" = 37 }
  }

  expect_failures = [var.expire_prefixes]
}

run "refuses_lifecycle_days_that_s3_refuses" {
  command = plan

  variables {
    lifecycle_days = { infrequent_access = 60, glacier = 70, expire = 65 }
  }

  expect_failures = [var.lifecycle_days]
}

run "refuses_a_lock_of_zero_days" {
  command = plan

  variables {
    object_lock = { mode = "COMPLIANCE", days = 0 }
  }

  expect_failures = [var.object_lock]
}

run "its_arn_is_of_the_accounts_partition" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  assert {
    condition     = output.arn == "arn:aws-us-gov:s3:::vishwaops-dev-data-111111111111" && contains(jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Resource, output.arn)
    error_message = "expected an ARN of GovCloud's partition; found ${output.arn}"
  }
}
