# Stores that SageMaker writes itself: MLflow's artefacts, and the offline store of feature groups.
module "tracking" {
  source = "../role"

  name         = "${var.name}-tracking"
  description  = "The MLflow tracking server"
  trust        = jsonencode(local.services["sagemaker"])
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
      Condition = { StringEquals = { "kms:ViaService" = local.through.s3 } }
    },
  ])
}

# The Feature Store checks the bucket's and writes the objects' access control lists (AmazonSageMakerFeatureStoreAccess).
module "features" {
  source   = "../role"
  for_each = { for use_case in var.feature_stores : use_case => local.slugs[use_case] }

  name         = "${var.name}-features-${each.value}"
  description  = "The feature groups of ${each.key}: write their offline store"
  trust        = jsonencode(local.services["sagemaker"])
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })

  permissions = jsonencode(concat(local.data_key, [
    {
      Sid      = "OfflineStore"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"]
      Resource = "${local.bucket.artefacts}/${each.key}/features/*"
    },
    {
      Sid      = "BucketCheck"
      Effect   = "Allow"
      Action   = "s3:GetBucketAcl"
      Resource = local.bucket.artefacts
    },
    {
      Sid       = "OfflineStoreLists"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.bucket.artefacts
      Condition = { StringLike = { "s3:prefix" = ["${each.key}/features", "${each.key}/features/*"] } }
    },
  ]))
}
