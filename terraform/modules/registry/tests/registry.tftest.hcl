mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_sagemaker_prebuilt_ecr_image" {
    defaults = { registry_id = "683313688378", registry_path = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0" }
  }
}

override_resource {
  target = aws_sagemaker_model_package_group.this
  values = { arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package-group/student-enrollment" }
}

variables {
  name                    = "vishwaops-dev"
  use_cases               = ["student_enrollment"]
  kms_key_arn             = "arn:aws:kms:us-east-1:111111111111:key/operations"
  data_key_arn            = "arn:aws:kms:us-east-1:111111111111:key/data"
  bucket                  = "dev-artefacts"
  feature_store_role_arns = { student_enrollment = "arn:aws:iam::111111111111:role/features" }
  sagemaker_image         = { repository = "sagemaker-xgboost", tag = "3.2-0" }
  tags                    = { Owner = "mlops" }
  feature_groups = {
    student-enrollment-people = {
      use_case          = "student_enrollment"
      record_identifier = "id"
      event_time        = "at"
      features          = { id = "Integral", at = "String" }
    }
  }
}

run "groups_are_named_as_the_flows_name_them" {
  command = plan

  assert {
    condition     = output.model_package_groups == { student_enrollment = "student-enrollment" }
    error_message = "expected the use case's slug, as in tasks/names.py; found ${jsonencode(output.model_package_groups)}"
  }

  assert {
    condition     = aws_sagemaker_model_package_group.this["student_enrollment"].tags == tomap({ Owner = "mlops", UseCase = "student_enrollment" })
    error_message = "expected the tags"
  }
}

run "images_are_scanned_encrypted_and_never_replaced" {
  command = plan

  assert {
    condition     = { for purpose, each in aws_ecr_repository.this : purpose => each.name } == { flows = "vishwaops-dev", model = "vishwaops-dev-model" }
    error_message = "expected one repository of the flows' image and one of the jobs' and endpoints'"
  }

  assert {
    condition     = toset([for each in aws_ecr_lifecycle_policy.this : each.repository]) == toset(["vishwaops-dev", "vishwaops-dev-model"])
    error_message = "expected a lifecycle policy for each repository"
  }

  assert {
    condition     = alltrue([for each in aws_ecr_repository.this : each.image_tag_mutability == "IMMUTABLE" && one(each.image_scanning_configuration).scan_on_push && one(each.encryption_configuration).kms_key == var.kms_key_arn])
    error_message = "expected immutable tags, scan on push and the key"
  }
}

run "features_are_encrypted_in_both_stores" {
  command = plan

  assert {
    condition     = one(one(aws_sagemaker_feature_group.this["student-enrollment-people"].online_store_config).security_config).kms_key_id == var.data_key_arn && one(one(aws_sagemaker_feature_group.this["student-enrollment-people"].offline_store_config).s3_storage_config).kms_key_id == var.data_key_arn
    error_message = "expected the data key in both stores"
  }

  assert {
    condition     = aws_sagemaker_feature_group.this["student-enrollment-people"].role_arn == var.feature_store_role_arns.student_enrollment
    error_message = "expected the feature store's own role"
  }
}

run "mlflow_only_when_requested" {
  command = plan

  variables {
    mlflow = { size = "Small", version = "3.0", role_arn = "arn:aws:iam::111111111111:role/tracking" }
  }

  assert {
    condition     = aws_sagemaker_mlflow_tracking_server.this[0].artifact_store_uri == "s3://dev-artefacts/mlflow" && !aws_sagemaker_mlflow_tracking_server.this[0].automatic_model_registration
    error_message = "expected artefacts in the bucket, and a registry that MLflow doesn't write to"
  }

  assert {
    condition     = aws_sagemaker_mlflow_tracking_server.this[0].mlflow_version == "3.0" && length(aws_scheduler_schedule.mlflow) == 0
    error_message = "expected a fixed version, and a server that always runs"
  }
}

run "mlflow_is_started_and_stopped_on_schedule" {
  command = plan

  variables {
    mlflow = {
      size               = "Small"
      version            = "3.0"
      role_arn           = "arn:aws:iam::111111111111:role/tracking"
      schedule           = { start = "cron(30 1 * * ? *)", stop = "cron(0 4 * * ? *)" }
      scheduler_role_arn = "arn:aws:iam::111111111111:role/scheduler"
    }
  }

  assert {
    condition     = jsonencode({ for action, schedule in aws_scheduler_schedule.mlflow : schedule.target[0].arn => schedule.schedule_expression }) == jsonencode({ "arn:aws:scheduler:::aws-sdk:sagemaker:startMlflowTrackingServer" = "cron(30 1 * * ? *)", "arn:aws:scheduler:::aws-sdk:sagemaker:stopMlflowTrackingServer" = "cron(0 4 * * ? *)" })
    error_message = "expected both of SageMaker's actions; found ${jsonencode([for schedule in aws_scheduler_schedule.mlflow : schedule.target[0].arn])}"
  }

  assert {
    condition     = aws_scheduler_schedule.mlflow["start"].target[0].input == jsonencode({ TrackingServerName = "vishwaops-dev" }) && aws_scheduler_schedule.mlflow["start"].target[0].role_arn == "arn:aws:iam::111111111111:role/scheduler"
    error_message = "expected the server's name and the scheduler's role"
  }
}

run "refuses_an_unknown_size_of_mlflow" {
  command = plan

  variables {
    mlflow              = { size = "Huge", version = "3.0", role_arn = "arn:aws:iam::111111111111:role/tracking" }
    untagged_image_days = 0
    kept_images         = 1
  }

  expect_failures = [var.mlflow, var.untagged_image_days, var.kept_images]
}

run "refuses_a_schedule_that_no_role_keeps_and_no_clock_reads" {
  command = plan

  variables {
    mlflow = { size = "Small", version = "3.0", role_arn = "arn:aws:iam::111111111111:role/tracking", schedule = { start = "02:00", stop = "04:00" } }
  }

  expect_failures = [var.mlflow]
}

run "the_images_registry_is_the_regions" {
  command = plan

  assert {
    condition     = output.image_registry == "683313688378.dkr.ecr.us-east-1.amazonaws.com" && output.image_account_id == "683313688378"
    error_message = "expected AWS's registry; found ${output.image_registry}"
  }
}

run "images_expire" {
  command = plan

  assert {
    condition     = alltrue([for each in aws_ecr_lifecycle_policy.this : [for rule in jsondecode(each.policy).rules : rule.selection.tagStatus] == ["untagged", "any"]])
    error_message = "expected both rules, that of any image last, as ECR requires"
  }
}

run "refuses_a_feature_group_that_no_role_reaches" {
  command = plan

  variables {
    feature_groups = {
      people = { use_case = "student_enrollment", record_identifier = "id", event_time = "missing", features = { id = "Int" } }
    }
  }

  expect_failures = [var.feature_groups]
}

run "refuses_feature_groups_without_a_role" {
  command = plan

  variables {
    feature_store_role_arns = {}
  }

  expect_failures = [var.feature_store_role_arns]
}

run "another_environment_s_promoter_may_describe_versions_and_nothing_else" {
  variables {
    promote_to = ["arn:aws:iam::222222222222:role/vishwaops-prod-promoter"]
  }

  assert {
    condition = jsondecode(aws_sagemaker_model_package_group_policy.this["student_enrollment"].resource_policy).Statement == [{
      Sid       = "Promotion"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::222222222222:role/vishwaops-prod-promoter"] }
      Action    = "sagemaker:DescribeModelPackage"
      Resource  = "arn:aws:sagemaker:us-east-1:111111111111:model-package/student-enrollment/*"
    }]
    error_message = "expected only the description of the group's versions; found ${aws_sagemaker_model_package_group_policy.this["student_enrollment"].resource_policy}"
  }
}

run "no_policy_without_another_environment" {
  command = plan

  assert {
    condition     = length(aws_sagemaker_model_package_group_policy.this) == 0
    error_message = "expected no policy"
  }
}
