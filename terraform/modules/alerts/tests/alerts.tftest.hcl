mock_provider "aws" {
  override_during = plan

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111111111111:vishwaops-dev-alerts" }
  }
}

variables {
  name        = "vishwaops-dev"
  account_id  = "111111111111"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/operations"
  emails      = ["team@example.org"]
  tags        = { Owner = "mlops" }
}

run "is_encrypted_and_accepts_messages_of_its_own_account_only" {
  command = plan

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key_arn && aws_sns_topic.this.tags["Owner"] == "mlops"
    error_message = "expected the key and the tags"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : statement.Condition.StringEquals["aws:SourceAccount"] == "111111111111" if statement.Effect == "Allow" && statement.Sid != "Events"])
    error_message = "expected only services of this account; found ${aws_sns_topic_policy.this.policy}"
  }

  assert {
    condition     = [for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : keys(statement) if statement.Sid == "Events"] == [["Action", "Effect", "Principal", "Resource", "Sid"]]
    error_message = "expected EventBridge without a condition, which it could not meet; found ${aws_sns_topic_policy.this.policy}"
  }

  assert {
    condition     = !strcontains(aws_sns_topic_policy.this.policy, "cloudtrail")
    error_message = "expected no message of CloudTrail; found ${aws_sns_topic_policy.this.policy}"
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.this) == ["team@example.org"]
    error_message = "expected a subscription for each address"
  }
}

run "refuses_an_invalid_email_address" {
  command = plan

  variables {
    emails = ["team"]
  }

  expect_failures = [var.emails]
}
