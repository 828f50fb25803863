# What the account has already. Terraform takes it over, because creating it again would be refused.
# SageMaker creates its log groups itself when the first job or endpoint runs.
import {
  for_each = var.existing_log_groups
  to       = module.observability.aws_cloudwatch_log_group.this[each.key]
  id       = contains(local.use_cases, each.key) ? "/aws/sagemaker/Endpoints/${replace(each.key, "_", "-")}" : "/aws/sagemaker/${each.key}"
}

import {
  for_each = var.existing_model_package_groups
  to       = module.registry.aws_sagemaker_model_package_group.this[each.key]
  id       = replace(each.key, "_", "-")
}

import {
  for_each = { for purpose, name in var.existing_buckets : purpose => name if !contains(["logs", "audit"], purpose) }
  to       = module.storage.module.working[each.key].aws_s3_bucket.this
  id       = each.value
}

import {
  for_each = { for purpose, name in var.existing_buckets : purpose => name if purpose == "logs" }
  to       = module.storage.module.logs.aws_s3_bucket.this
  id       = each.value
}

import {
  for_each = { for purpose, name in var.existing_buckets : purpose => name if purpose == "audit" }
  to       = module.storage.module.audit.aws_s3_bucket.this
  id       = each.value
}
