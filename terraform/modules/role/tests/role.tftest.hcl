mock_provider "aws" {}

variables {
  name         = "vishwaops-dev-job"
  description  = "Jobs"
  boundary_arn = "arn:aws:iam::111111111111:policy/boundary"
  trust        = "[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sagemaker.amazonaws.com\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"111111111111\"}}}]"
  permissions  = "[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::data/*\"}]"
  tags         = { Owner = "mlops" }
}

run "has_a_boundary_and_its_permissions" {
  command = plan

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.boundary_arn && aws_iam_role.this.tags["Owner"] == "mlops"
    error_message = "expected the boundary and the tags"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Action == "s3:GetObject"
    error_message = "expected the permissions as given; found ${aws_iam_role_policy.this.policy}"
  }
}

run "refuses_a_wildcard_action" {
  command = plan

  variables {
    permissions = "[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"*\"],\"Resource\":\"*\"}]"
  }

  expect_failures = [var.permissions]
}

run "refuses_a_whole_service" {
  command = plan

  variables {
    permissions = "[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]"
  }

  expect_failures = [var.permissions]
}

run "refuses_a_wildcard_principal" {
  command = plan

  variables {
    trust = "[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}}]"
  }

  expect_failures = [var.trust]
}

run "refuses_a_service_without_a_condition" {
  command = plan

  variables {
    trust = "[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sagemaker.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]"
  }

  expect_failures = [var.trust]
}

run "refuses_a_name_that_iam_refuses" {
  command = plan

  variables {
    name                = "vishwaops dev"
    max_session_seconds = 60
  }

  expect_failures = [var.name, var.max_session_seconds]
}
