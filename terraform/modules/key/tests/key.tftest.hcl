mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  alias       = "vishwaops-dev-data"
  description = "Datasets"
  account_id  = "111111111111"
  tags        = { Owner = "mlops" }
}

run "rotates_and_lets_iam_decide" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "expected a key that rotates and can be restored for 30 days"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[0].Principal.AWS == "arn:aws:iam::111111111111:root" && length(jsondecode(aws_kms_key.this.policy).Statement) == 1
    error_message = "expected only this account in the policy; found ${aws_kms_key.this.policy}"
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/vishwaops-dev-data" && aws_kms_key.this.tags["Owner"] == "mlops"
    error_message = "expected the alias and the tags"
  }
}

run "a_key_that_signs_is_asymmetric_and_shows_its_public_part_only" {
  command = plan

  variables {
    signs     = true
    verifiers = ["arn:aws:iam::222222222222:role/promoter"]
  }

  assert {
    condition     = aws_kms_key.this.key_usage == "SIGN_VERIFY" && aws_kms_key.this.customer_master_key_spec == "ECC_NIST_P256" && !aws_kms_key.this.enable_key_rotation
    error_message = "expected a P-256 key that signs, without rotation"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Action if statement.Sid == "Verifiers"] == ["kms:GetPublicKey"]
    error_message = "expected that verifiers may read the public key and nothing else; found ${aws_kms_key.this.policy}"
  }
}

run "refuses_verifiers_of_a_key_that_encrypts" {
  command = plan

  variables {
    verifiers = ["arn:aws:iam::222222222222:role/promoter"]
  }

  expect_failures = [var.verifiers]
}

run "refuses_a_service_without_a_condition" {
  command = plan

  variables {
    services = { logs = { principal = "logs.us-east-1.amazonaws.com", actions = ["kms:Encrypt"], condition = {} } }
  }

  expect_failures = [var.services]
}

run "refuses_an_alias_with_its_prefix_and_a_window_that_kms_refuses" {
  command = plan

  variables {
    alias                   = "alias/data"
    deletion_window_in_days = 1
  }

  expect_failures = [var.alias, var.deletion_window_in_days]
}

run "a_service_without_a_condition_can_only_be_eventbridge" {
  command = plan

  variables {
    services = { events = { principal = "events.amazonaws.com", actions = ["kms:Decrypt"], condition = {} } }
  }

  assert {
    condition     = !contains(keys(jsondecode(aws_kms_key.this.policy).Statement[1]), "Condition")
    error_message = "expected EventBridge without a condition; found ${aws_kms_key.this.policy}"
  }
}

run "the_account_is_of_its_own_partition" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[0].Principal.AWS == "arn:aws-cn:iam::111111111111:root"
    error_message = "expected an ARN of China's partition; found ${aws_kms_key.this.policy}"
  }
}

run "lets_readers_of_another_account_decrypt_through_one_service" {
  command = plan

  variables {
    readers = { arns = ["arn:aws:iam::222222222222:role/vishwaops-prod-promoter"], through = "s3.us-east-1.amazonaws.com" }
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement[1] == {
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::222222222222:role/vishwaops-prod-promoter"] }
      Action    = "kms:Decrypt"
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.us-east-1.amazonaws.com" } }
    }
    error_message = "expected that the reader may only decrypt, and only through S3; found ${aws_kms_key.this.policy}"
  }
}

run "refuses_a_whole_account_as_reader" {
  command = plan

  variables {
    readers = { arns = ["arn:aws:iam::222222222222:root"], through = "s3.us-east-1.amazonaws.com" }
  }

  expect_failures = [var.readers]
}
