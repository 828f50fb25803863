# The flows own models, endpoint configurations and endpoints: nothing here names a version, so that an apply
# never rolls a model back. Here is what does not change between versions.
locals {
  endpoints  = { for use_case in keys(var.hosting) : use_case => replace(use_case, "_", "-") }
  serverless = { for use_case, kind in var.hosting : use_case => local.endpoints[use_case] if kind == "serverless" }
}

resource "aws_appautoscaling_target" "this" {
  for_each = var.autoscaling

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${replace(each.key, "_", "-")}/variant/${var.variant}"
  min_capacity       = each.value.minimum
  max_capacity       = each.value.maximum
  tags               = merge(var.tags, { UseCase = each.key })
}

resource "aws_appautoscaling_policy" "this" {
  for_each = var.autoscaling

  name               = "${var.name}-${replace(each.key, "_", "-")}-invocations"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.invocations_per_minute
    scale_in_cooldown  = each.value.scale_in_after_seconds
    scale_out_cooldown = each.value.scale_out_after_seconds

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}
