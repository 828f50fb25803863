resource "aws_sagemaker_model_package_group" "this" {
  for_each = var.use_cases

  model_package_group_name        = replace(each.key, "_", "-")
  model_package_group_description = "Versions of ${each.key}; the flows register and approve them"
  tags                            = merge(var.tags, { UseCase = each.key })
}

# Another environment's promoter reads the versions (SageMaker Developer Guide, "Deploy a Model Version from a Different
# Account"). It gets no other action.
resource "aws_sagemaker_model_package_group_policy" "this" {
  for_each = { for use_case, group in aws_sagemaker_model_package_group.this : use_case => group if length(var.promote_to) > 0 }

  model_package_group_name = each.value.model_package_group_name

  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Promotion"
      Effect    = "Allow"
      Principal = { AWS = var.promote_to }
      Action    = "sagemaker:DescribeModelPackage"
      Resource  = "${replace(each.value.arn, ":model-package-group/", ":model-package/")}/*"
    }]
  })
}

locals {
  # `flows`: the image of Prefect's worker, server and flow runs. `model`: our own image of jobs and endpoints.
  repositories = { flows = var.name, model = "${var.name}-model" }
}

moved {
  from = aws_ecr_repository.this
  to   = aws_ecr_repository.this["flows"]
}

moved {
  from = aws_ecr_lifecycle_policy.this
  to   = aws_ecr_lifecycle_policy.this["flows"]
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete
  tags                 = var.tags

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images without a tag expire"
        action       = { type = "expire" }
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.untagged_image_days
        }
      },
      {
        rulePriority = 2
        description  = "The oldest images expire"
        action       = { type = "expire" }
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.kept_images
        }
      },
    ]
  })
}

# AWS's account for its SageMaker images differs by region: the provider has the table.
data "aws_sagemaker_prebuilt_ecr_image" "this" {
  repository_name = var.sagemaker_image.repository
  image_tag       = var.sagemaker_image.tag
}

# Spark's images are in a registry of their own in each region.
data "aws_sagemaker_prebuilt_ecr_image" "spark" {
  repository_name = "sagemaker-spark-processing"
}
