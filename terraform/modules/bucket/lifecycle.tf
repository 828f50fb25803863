resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "keep-cheaply"
    status = "Enabled"

    filter {}

    dynamic "transition" {
      for_each = var.lifecycle_days.infrequent_access == null ? [] : [var.lifecycle_days.infrequent_access]

      content {
        days          = transition.value
        storage_class = "STANDARD_IA"
      }
    }

    dynamic "transition" {
      for_each = var.lifecycle_days.glacier == null ? [] : [var.lifecycle_days.glacier]

      content {
        days          = transition.value
        storage_class = "GLACIER_IR"
      }
    }

    dynamic "expiration" {
      for_each = var.lifecycle_days.expire == null ? [] : [var.lifecycle_days.expire]

      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.lifecycle_days.noncurrent_expire
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = var.lifecycle_days.incomplete_uploads
    }
  }

  # Expired objects become noncurrent versions first, which go after a week here.
  dynamic "rule" {
    for_each = var.expire_prefixes

    content {
      id     = "expire-${rule.key}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }

      noncurrent_version_expiration {
        noncurrent_days = 7
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
