data "aws_partition" "current" {}

locals {
  trail = var.trail ? 1 : 0
}

resource "aws_cloudwatch_log_group" "this" {
  count = local.trail

  name              = "/${var.name}/audit"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
  tags              = var.tags
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_252:CloudTrail would announce each log file, every few minutes, to people; EventBridge has the events themselves
  count = local.trail

  name                          = var.name
  s3_bucket_name                = var.audit_bucket
  kms_key_id                    = var.audit_key_arn
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.this[0].arn}:*"
  cloud_watch_logs_role_arn     = var.trail_role_arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  tags                          = var.tags

  advanced_event_selector {
    name = "Calls that change or read the account"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "Reads and writes of data"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = [for bucket in var.recorded_buckets : "arn:${data.aws_partition.current.partition}:s3:::${bucket}/"]
    }
  }
}
