locals {
  slugs = { for use_case in var.use_cases : use_case => replace(use_case, "_", "-") }

  # Tuning jobs log to TrainingJobs.
  log_groups = merge(
    { for kind in ["TrainingJobs", "ProcessingJobs", "TransformJobs"] : kind => "/aws/sagemaker/${kind}" },
    { for use_case, slug in local.slugs : use_case => "/aws/sagemaker/Endpoints/${slug}" },
  )
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
