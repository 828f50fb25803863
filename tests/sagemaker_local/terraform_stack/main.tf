# What the test of Terraform as a client applies against the offline cloud.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  s3_use_path_style       = true
}

variable "name" {
  description = "What every resource's name begins with."
  type        = string
}

variable "bucket" {
  description = "Bucket of model data and of the stores."
  type        = string
}

locals {
  image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
  tags  = { owner = "tests" }
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}

resource "aws_sagemaker_model" "this" {
  name               = var.name
  execution_role_arn = aws_iam_role.this.arn
  tags               = local.tags

  primary_container {
    image          = local.image
    model_data_url = "s3://${var.bucket}/${var.name}/model.tar.gz"
    environment = {
      SAGEMAKER_PROGRAM          = "inference.py"
      SAGEMAKER_SUBMIT_DIRECTORY = "/opt/ml/model/code"
    }
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  name = var.name
  tags = local.tags

  production_variants {
    variant_name           = "champion"
    model_name             = aws_sagemaker_model.this.name
    initial_instance_count = 1
    instance_type          = "ml.m5.large"
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
  tags                 = local.tags
}

resource "aws_sagemaker_model_package_group" "this" {
  model_package_group_name        = var.name
  model_package_group_description = "scores"
  tags                            = local.tags
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  model_package_group_name = aws_sagemaker_model_package_group.this.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Action    = "sagemaker:DescribeModelPackageGroup"
      Principal = { AWS = "arn:aws:iam::000000000000:root" }
      Resource  = aws_sagemaker_model_package_group.this.arn
    }]
  })
}

resource "aws_sagemaker_feature_group" "both" {
  feature_group_name             = var.name
  record_identifier_feature_name = "applicant"
  event_time_feature_name        = "at"
  role_arn                       = aws_iam_role.this.arn
  description                    = "applicants"
  tags                           = local.tags

  feature_definition {
    feature_name = "applicant"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "at"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "income"
    feature_type = "Fractional"
  }
  online_store_config {
    enable_online_store = true
    ttl_duration {
      unit  = "Weeks"
      value = 4
    }
  }
  offline_store_config {
    s3_storage_config {
      s3_uri = "s3://${var.bucket}/features"
    }
  }
}

resource "aws_sagemaker_feature_group" "online" {
  feature_group_name             = "${var.name}-online"
  record_identifier_feature_name = "applicant"
  event_time_feature_name        = "at"
  role_arn                       = aws_iam_role.this.arn

  feature_definition {
    feature_name = "applicant"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "at"
    feature_type = "Fractional"
  }
  online_store_config {
    enable_online_store = true
  }
}

resource "aws_sagemaker_mlflow_tracking_server" "this" {
  tracking_server_name = var.name
  role_arn             = aws_iam_role.this.arn
  artifact_store_uri   = "s3://${var.bucket}/mlflow"
  tags                 = local.tags
}

resource "aws_sagemaker_code_repository" "this" {
  code_repository_name = var.name
  git_config {
    repository_url = "https://example.com/repository.git"
  }
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "this" {
  name     = var.name
  on_start = base64encode("echo started")
}

resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/champion"
  min_capacity       = 1
  max_capacity       = 3
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = "10"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  tags         = local.tags

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = ["ann@example.com"]
  }
}

resource "aws_ce_anomaly_monitor" "this" {
  name              = var.name
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
  tags              = local.tags
}

resource "aws_ce_anomaly_subscription" "this" {
  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.this.arn]

  subscriber {
    type    = "EMAIL"
    address = "ann@example.com"
  }
  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      values        = ["10"]
      match_options = ["GREATER_THAN_OR_EQUAL"]
    }
  }
}
