# One job role and one endpoint role for each use case: neither reaches another's prefixes.
locals {
  job_data = {
    for use_case in var.use_cases : use_case => [
      {
        Sid      = "OwnObjects"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = [for purpose in ["data", "artefacts", "monitoring"] : "${local.bucket[purpose]}/${use_case}/*"]
      },
      {
        Sid       = "OwnLists"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = [for purpose in ["data", "artefacts", "monitoring"] : local.bucket[purpose]]
        Condition = { StringLike = { "s3:prefix" = [use_case, "${use_case}/*"] } }
      },
      {
        # Only a flow writes records, results of steps and the champion: a job must not promote its own model.
        Sid      = "NoRecords"
        Effect   = "Deny"
        Action   = "s3:PutObject"
        Resource = [for name in ["champion.json", "latest.json", "results/*", "runs/*"] : "${local.bucket.data}/${use_case}/${name}"]
      },
      {
        Sid      = "OwnFeatures"
        Effect   = "Allow"
        Action   = ["sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord", "sagemaker:PutRecord"]
        Resource = "${local.arn.sagemaker}:feature-group/${local.slugs[use_case]}-*"
      },
    ]
  }

  endpoint_data = {
    for use_case in var.use_cases : use_case => [
      {
        Sid      = "OwnModels"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket.artefacts}/${use_case}/*"
      },
      {
        Sid      = "OwnCapture"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.bucket.monitoring}/${use_case}/capture/*"
      },
    ]
  }
}

module "job" {
  source   = "../role"
  for_each = local.slugs

  name         = "${var.name}-job-${each.value}"
  description  = "SageMaker jobs of ${each.key}"
  trust        = local.services["sagemaker"]
  permissions  = jsonencode(concat(local.container, local.job_data[each.key]))
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })
}

module "endpoint" {
  source   = "../role"
  for_each = local.slugs

  name         = "${var.name}-endpoint-${each.value}"
  description  = "The endpoint of ${each.key}"
  trust        = local.services["sagemaker"]
  permissions  = jsonencode(concat(local.container, local.endpoint_data[each.key]))
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })
}

# The MLflow tracking server writes artefacts; the feature store writes its offline store.
module "tracking" {
  source = "../role"

  name         = "${var.name}-tracking"
  description  = "The MLflow tracking server"
  trust        = local.services["sagemaker"]
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  permissions = jsonencode([
    {
      Sid      = "Artefacts"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${local.bucket.artefacts}/mlflow/*"
    },
    {
      Sid       = "ArtefactLists"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.bucket.artefacts
      Condition = { StringLike = { "s3:prefix" = ["mlflow", "mlflow/*"] } }
    },
    {
      Sid       = "DataKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
  ])
}
