locals {
  working = {
    data       = { infrequent_access = 90, glacier = 180 }
    artefacts  = { infrequent_access = 60, glacier = 180 }
    monitoring = { infrequent_access = 30, glacier = 90, expire = 730 }
  }
}

module "working" {
  source   = "../bucket"
  for_each = local.working

  name           = var.buckets[each.key]
  kms_key_arn    = module.data_key.arn
  log_bucket     = { name = module.logs.name }
  lifecycle_days = each.value
  force_destroy  = var.force_destroy
  tags           = merge(var.tags, { Purpose = each.key })
}

# S3 delivers access logs only to buckets that S3's own key encrypts.
module "logs" {
  source = "../bucket"

  name           = var.buckets.logs
  lifecycle_days = { infrequent_access = 90, expire = var.log_retention_days, noncurrent_expire = 30 }
  force_destroy  = var.force_destroy
  tags           = merge(var.tags, { Purpose = "logs", DataClass = "internal" })

  statements = jsonencode([
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${var.buckets.logs}/s3/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = [for purpose in ["data", "artefacts", "monitoring", "audit"] : "arn:aws:s3:::${var.buckets[purpose]}"] }
      }
    },
    {
      Sid       = "FlowLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${var.buckets.logs}/vpc/AWSLogs/${var.account_id}/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id, "s3:x-amz-acl" = "bucket-owner-full-control" }
        ArnLike      = { "aws:SourceArn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
      }
    },
    {
      Sid       = "FlowLogsCheck"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = "arn:aws:s3:::${var.buckets.logs}"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
      }
    },
  ])
}

module "audit" {
  source = "../bucket"

  name           = var.buckets.audit
  kms_key_arn    = module.audit_key.arn
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { infrequent_access = 90, glacier = 180, expire = 2555, noncurrent_expire = 365 }
  object_lock    = var.audit_lock
  force_destroy  = var.force_destroy
  tags           = merge(var.tags, { Purpose = "audit", DataClass = "restricted" })

  statements = jsonencode([
    {
      Sid       = "TrailCheck"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = "arn:aws:s3:::${var.buckets.audit}"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    },
    {
      Sid       = "TrailWrite"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${var.buckets.audit}/AWSLogs/${var.account_id}/*"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
    },
  ])
}

locals {
  trail_arn = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}"
}
