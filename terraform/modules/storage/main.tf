locals {
  # A bucket that was there before the platform is never emptied by it.
  force_destroy = { for purpose in keys(var.buckets) : purpose => var.force_destroy && !contains(var.existing_buckets, purpose) }
  s3            = "arn:${data.aws_partition.current.partition}:s3:::"
  logs          = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${var.account_id}:*"
  trail         = "arn:${data.aws_partition.current.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}"

  working = {
    data       = { infrequent_access = 90, glacier = 180 }
    artefacts  = { infrequent_access = 60, glacier = 180 }
    monitoring = { infrequent_access = 30, glacier = 90, expire = 730 }
  }

  # The objects of tasks/promotion: archives, evaluations, and splits.
  promoted = {
    data      = ["*/splits/*"]
    artefacts = ["*/jobs/*/output/model.sig", "*/jobs/*/output/model.tar.gz", "*/evaluations/*/evaluation.json", "*/promoted/*"]
  }
  promotion = {
    for purpose, paths in local.promoted : purpose => jsonencode([{
      Sid       = "Promotion"
      Effect    = "Allow"
      Principal = { AWS = var.promote_to }
      Action    = "s3:GetObject"
      Resource  = [for path in paths : "${local.s3}${var.buckets[purpose]}/${path}"]
    }]) if length(var.promote_to) > 0
  }
}

module "working" {
  source   = "../bucket"
  for_each = local.working

  name            = var.buckets[each.key]
  kms_key_arn     = local.key_arns.data
  log_bucket      = { name = module.logs.name }
  lifecycle_days  = each.value
  expire_prefixes = lookup(var.expire_prefixes, each.key, {})
  statements      = lookup(local.promotion, each.key, "[]")
  force_destroy   = local.force_destroy[each.key]
  tags            = merge(var.tags, { Purpose = each.key })
}

# S3 delivers access logs only to buckets that S3's own key encrypts.
module "logs" {
  source = "../bucket"

  name           = var.buckets.logs
  lifecycle_days = { infrequent_access = 90, expire = var.log_retention_days, noncurrent_expire = 30 }
  force_destroy  = local.force_destroy.logs
  tags           = merge(var.tags, { Purpose = "logs", DataClass = "internal" })

  statements = jsonencode([
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.s3}${var.buckets.logs}/s3/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = [for purpose in ["data", "artefacts", "monitoring", "audit"] : "${local.s3}${var.buckets[purpose]}"] }
      }
    },
    # With AWS's names, which it looks for before it adds statements of its own. Without ACLs on the bucket the delivery
    # sends no x-amz-acl: a condition on it would refuse every log.
    {
      Sid       = "AWSLogDeliveryWrite"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.s3}${var.buckets.logs}/vpc/AWSLogs/${var.account_id}/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = local.logs }
      }
    },
    {
      Sid       = "AWSLogDeliveryAclCheck"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = "${local.s3}${var.buckets.logs}"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = local.logs }
      }
    },
  ])
}

module "audit" {
  source = "../bucket"

  name           = var.buckets.audit
  kms_key_arn    = local.key_arns.audit
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { infrequent_access = 90, glacier = 180, expire = 2555, noncurrent_expire = 365 }
  object_lock    = var.audit_lock
  force_destroy  = local.force_destroy.audit
  tags           = merge(var.tags, { Purpose = "audit", DataClass = "restricted" })

  statements = jsonencode([
    {
      Sid       = "TrailCheck"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = "${local.s3}${var.buckets.audit}"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail } }
    },
    {
      Sid       = "TrailWrite"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.s3}${var.buckets.audit}/AWSLogs/${var.account_id}/*"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail, "s3:x-amz-acl" = "bucket-owner-full-control" } }
    },
  ])
}

# The audit log and the keys, without which nothing that they encrypt can be read.
module "guard" {
  source = "../guard"
  count  = var.force_destroy ? 0 : 1

  protects = merge({ audit = module.audit.id }, { for name, arn in local.key_arns : "${name}_key" => arn })
}
