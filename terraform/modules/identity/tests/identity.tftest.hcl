mock_provider "aws" {
  override_during = plan

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/vishwaops-dev-boundary" }
  }
}

variables {
  name               = "vishwaops-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  use_cases          = ["student_enrollment", "student_grades"]
  buckets            = { data = "dev-data", artefacts = "dev-artefacts", monitoring = "dev-monitoring", logs = "dev-logs", audit = "dev-audit" }
  state_bucket       = "dev-state"
  data_key_arn       = "arn:aws:kms:us-east-1:111111111111:key/data"
  operations_key_arn = "arn:aws:kms:us-east-1:111111111111:key/operations"
  boundary_name      = "vishwaops-dev-boundary"
  parameter_prefix   = "/vishwaops/dev"
  metric_namespace   = "vishwaops/dev"
  github_repository  = "example/vishwaops"
  tags               = { Project = "vishwaops", Owner = "mlops" }
}

run "a_job_and_an_endpoint_role_for_each_use_case" {
  command = plan

  assert {
    condition     = keys(output.job_role_arns) == ["student_enrollment", "student_grades"] && keys(output.endpoint_role_arns) == keys(output.job_role_arns)
    error_message = "expected both roles for each use case; found ${jsonencode(keys(output.job_role_arns))}"
  }

  assert {
    condition     = aws_iam_policy.boundary.name == "vishwaops-dev-boundary" && aws_iam_policy.boundary.tags["Owner"] == "mlops"
    error_message = "expected the boundary with its name and tags"
  }
}

run "without_a_repository_there_is_no_ci_role" {
  command = plan

  variables {
    github_repository = null
  }

  assert {
    condition     = output.ci_plan_role_arn == null && output.ci_apply_role_arn == null && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "expected neither roles nor provider for GitHub"
  }
}

run "refuses_a_repository_with_a_wildcard" {
  command = plan

  variables {
    github_repository = "example/*"
  }

  expect_failures = [var.github_repository]
}

run "refuses_invalid_names_of_use_cases" {
  command = plan

  variables {
    use_cases = ["Student-Grades"]
  }

  expect_failures = [var.use_cases]
}

run "refuses_missing_buckets" {
  command = plan

  variables {
    buckets          = { data = "dev-data", artefacts = "a", monitoring = "m", audit = "" }
    parameter_prefix = "vishwaops/"
  }

  expect_failures = [var.parameter_prefix]
}
