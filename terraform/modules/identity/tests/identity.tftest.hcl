mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_sagemaker_prebuilt_ecr_image" {
    defaults = { registry_id = "683313688378" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/vishwaops-dev-boundary" }
  }
}

variables {
  database           = "vishwaops_dev"
  name               = "vishwaops-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  use_cases          = ["student_enrollment", "student_grades"]
  buckets            = { data = "dev-data", artefacts = "dev-artefacts", monitoring = "dev-monitoring", logs = "dev-logs", audit = "dev-audit" }
  state_bucket       = "dev-state"
  data_key_arn       = "arn:aws:kms:us-east-1:111111111111:key/data"
  operations_key_arn = "arn:aws:kms:us-east-1:111111111111:key/operations"
  signing_key_arn    = "arn:aws:kms:us-east-1:111111111111:key/signing"
  boundary_name      = "vishwaops-dev-boundary"
  parameter_prefix   = "/vishwaops/dev"
  metric_namespace   = "vishwaops/dev"
  in_vpc             = true
  vpc_id             = "vpc-1"
  feature_stores     = ["student_enrollment", "student_grades"]
  feature_references = { student_grades = [{ use_case = "student_enrollment", group = "people" }] }
  source_secrets     = { student_enrollment = ["registry/database"] }
  source_streams     = { student_enrollment = ["enrolments"] }
  source_buckets     = { student_enrollment = ["exports", "arn:aws:s3:::registry/enrollment/*"] }
  operators          = ["arn:aws:iam::111111111111:role/data-scientists"]

  promotion = {
    account_id = "999999999999"
    buckets    = { data = "other-data", artefacts = "other-artefacts" }
    key_arn    = "arn:aws:kms:us-east-1:999999999999:key/other"

    signing_key_arn = "arn:aws:kms:us-east-1:999999999999:key/their-signing"
  }

  github_repository    = "example/vishwaops"
  github_owner_id      = "123456"
  github_repository_id = "456789"

  tags = { Project = "vishwaops", Owner = "mlops" }
}

run "a_flow_a_job_and_an_endpoint_role_for_each_use_case" {
  command = plan

  assert {
    condition     = keys(output.job_role_arns) == ["student_enrollment", "student_grades"] && keys(output.endpoint_role_arns) == keys(output.job_role_arns) && keys(output.flow_role_arns) == keys(output.job_role_arns)
    error_message = "expected the three roles for each use case; found ${jsonencode(keys(output.job_role_arns))}"
  }

  assert {
    condition     = aws_iam_policy.boundary.name == "vishwaops-dev-boundary" && aws_iam_policy.boundary.tags["Owner"] == "mlops"
    error_message = "expected the boundary with its name and tags"
  }
}

run "without_ids_and_people" {
  command = plan

  variables {
    github_owner_id      = null
    github_repository_id = null
    github_branch        = null
    operators            = []
    readers              = ["arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_ReadOnly_1"]
    people_use_mfa       = false
    in_vpc               = false
    vpc_id               = null
    feature_stores       = []
  }

  assert {
    condition     = length(output.feature_store_role_arns) == 0 && one(local.github_repositories) == "example/vishwaops"
    error_message = "expected no role for feature groups, and the repository's name alone"
  }
}

run "an_account_that_has_githubs_provider" {
  command = plan

  variables {
    create_github_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && length(module.ci_apply) == 1
    error_message = "expected CI's roles for the provider that is there"
  }
}

run "without_a_repository_there_is_no_ci_role" {
  command = plan

  variables {
    github_repository    = null
    github_owner_id      = null
    github_repository_id = null
  }

  assert {
    condition     = output.ci_plan_role_arn == null && output.ci_apply_role_arn == null && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "expected neither roles nor provider for GitHub"
  }
}

run "in_another_partition" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }

  assert {
    condition     = !strcontains(aws_iam_policy.boundary.policy, "arn:aws:iam") && strcontains(aws_iam_policy.boundary.policy, "arn:aws-cn:sagemaker:us-east-1:111111111111:")
    error_message = "expected ARNs of the account's partition; found ${aws_iam_policy.boundary.policy}"
  }
}

run "refuses_a_repository_with_a_wildcard" {
  command = plan

  variables {
    github_repository = "example/*"
  }

  expect_failures = [var.github_repository]
}

run "refuses_a_repository_id_without_its_owners" {
  command = plan

  variables {
    github_owner_id = null
  }

  expect_failures = [var.github_owner_id]
}

run "refuses_operators_with_a_wildcard" {
  command = plan

  variables {
    operators = ["arn:aws:iam::111111111111:*"]
  }

  expect_failures = [var.operators]
}

run "refuses_invalid_names_of_use_cases" {
  command = plan

  variables {
    use_cases      = ["Student-Grades"]
    feature_stores = []
  }

  expect_failures = [var.use_cases]
}

run "refuses_a_use_case_whose_resources_another_s_role_would_reach" {
  command = plan

  variables {
    use_cases      = ["student", "student_grades"]
    feature_stores = []
  }

  expect_failures = [var.use_cases]
}

run "refuses_feature_groups_of_no_use_case" {
  command = plan

  variables {
    feature_stores = ["cakes"]
  }

  expect_failures = [var.feature_stores]
}

run "refuses_sources_of_no_use_case" {
  command = plan

  variables {
    source_buckets = { cakes = ["exports"] }
  }

  expect_failures = [var.source_buckets]
}

run "refuses_every_bucket_as_source" {
  command = plan

  variables {
    source_buckets = { student_grades = ["arn:aws:s3:::*"] }
  }

  expect_failures = [var.source_buckets]
}

run "refuses_the_platforms_own_bucket_as_source" {
  command = plan

  variables {
    source_buckets = { student_grades = ["arn:aws:s3:::dev-data/student_enrollment/*"] }
  }

  expect_failures = [var.source_buckets]
}

run "refuses_a_wildcard_inside_a_source" {
  command = plan

  variables {
    source_buckets = { student_grades = ["arn:aws:s3:::exports/*/grades/*"] }
  }

  expect_failures = [var.source_buckets]
}

run "refuses_a_reference_to_no_use_case" {
  command = plan

  variables {
    references = { student_grades = ["cakes"] }
  }

  expect_failures = [var.references]
}

run "refuses_every_secret_and_every_stream" {
  command = plan

  variables {
    source_secrets = { student_grades = ["registry/*"] }
    source_streams = { student_grades = ["*"] }
  }

  expect_failures = [var.source_secrets, var.source_streams]
}

run "refuses_more_sources_than_the_boundary_has_room_for" {
  command = plan

  variables {
    source_buckets = {
      for use_case in ["student_enrollment", "student_grades"] : use_case => [for number in range(15) : "exports-of-${replace(use_case, "_", "-")}-number-${number}"]
    }
  }

  expect_failures = [aws_iam_policy.boundary]
}

run "refuses_a_vpc_without_its_id" {
  command = plan

  variables {
    vpc_id = null
  }

  expect_failures = [var.vpc_id]
}

run "refuses_missing_buckets" {
  command = plan

  variables {
    buckets          = { data = "dev-data", artefacts = "a", monitoring = "m", audit = "" }
    parameter_prefix = "vishwaops/"
  }

  expect_failures = [var.parameter_prefix]
}

run "no_promoter_without_another_environment" {
  command = plan

  variables {
    promotion = null
  }

  assert {
    condition     = output.promoter_role_arn == null && !strcontains(aws_iam_policy.boundary.policy, "promoter")
    error_message = "expected no promoter, and a boundary without one"
  }
}

run "refuses_its_own_account_as_the_other_environment" {
  command = plan

  variables {
    promotion = {
      account_id = "111111111111"
      buckets    = { data = "other-data", artefacts = "other-artefacts" }
      key_arn    = "arn:aws:kms:us-east-1:111111111111:key/other"
    }
  }

  expect_failures = [var.promotion]
}
