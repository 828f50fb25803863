mock_provider "aws" {}

variables {
  name          = "vishwaops-dev"
  use_cases     = ["student_enrollment"]
  kms_key_arn   = "arn:aws:kms:us-east-1:111111111111:key/operations"
  data_key_arn  = "arn:aws:kms:us-east-1:111111111111:key/data"
  bucket        = "dev-artefacts"
  job_role_arns = { student_enrollment = "arn:aws:iam::111111111111:role/job" }
  tags          = { Owner = "mlops" }
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
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && one(aws_ecr_repository.this.image_scanning_configuration).scan_on_push && one(aws_ecr_repository.this.encryption_configuration).kms_key == var.kms_key_arn
    error_message = "expected immutable tags, scan on push and the key"
  }
}

run "features_are_encrypted_in_both_stores" {
  command = plan

  assert {
    condition     = one(one(aws_sagemaker_feature_group.this["student-enrollment-people"].online_store_config).security_config).kms_key_id == var.data_key_arn && one(one(aws_sagemaker_feature_group.this["student-enrollment-people"].offline_store_config).s3_storage_config).kms_key_id == var.data_key_arn
    error_message = "expected the data key in both stores"
  }
}

run "mlflow_only_when_requested" {
  command = plan

  variables {
    mlflow = { size = "Small", role_arn = "arn:aws:iam::111111111111:role/tracking" }
  }

  assert {
    condition     = aws_sagemaker_mlflow_tracking_server.this[0].artifact_store_uri == "s3://dev-artefacts/mlflow" && !aws_sagemaker_mlflow_tracking_server.this[0].automatic_model_registration
    error_message = "expected artefacts in the bucket, and a registry that MLflow doesn't write to"
  }
}

run "refuses_an_unknown_size_of_mlflow" {
  command = plan

  variables {
    mlflow              = { size = "Huge", role_arn = "arn:aws:iam::111111111111:role/tracking" }
    untagged_image_days = 0
  }

  expect_failures = [var.mlflow, var.untagged_image_days]
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
