resource "aws_sagemaker_feature_group" "this" {
  for_each = var.feature_groups

  feature_group_name             = each.key
  description                    = "Features of ${each.value.use_case}"
  record_identifier_feature_name = each.value.record_identifier
  event_time_feature_name        = each.value.event_time
  role_arn                       = var.feature_store_role_arns[each.value.use_case]
  tags                           = merge(var.tags, { UseCase = each.value.use_case })

  dynamic "feature_definition" {
    for_each = each.value.features

    content {
      feature_name = feature_definition.key
      feature_type = feature_definition.value
    }
  }

  dynamic "online_store_config" {
    for_each = each.value.online ? [true] : []

    content {
      enable_online_store = true

      security_config {
        kms_key_id = var.data_key_arn
      }
    }
  }

  dynamic "offline_store_config" {
    for_each = each.value.offline ? [true] : []

    content {
      disable_glue_table_creation = true
      table_format                = "Default"

      s3_storage_config {
        s3_uri     = "s3://${var.bucket}/${each.value.use_case}/features"
        kms_key_id = var.data_key_arn
      }
    }
  }
}
