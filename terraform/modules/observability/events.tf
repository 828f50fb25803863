locals {
  # Where the events of a rule go: `queue` is received by a scheduled deployment, `topic` by people, `webhook` by Prefect Cloud.
  rules = {
    failed-jobs = {
      description = "SageMaker jobs that failed or were stopped"
      targets     = ["topic", local.receiver]
      pattern = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Training Job State Change", "SageMaker Processing Job State Change", "SageMaker Transform Job State Change", "SageMaker HyperParameter Tuning Job State Change"]
        detail = { "$or" = [
          { TrainingJobStatus = ["Failed", "Stopped"] },
          { ProcessingJobStatus = ["Failed", "Stopped"] },
          { TransformJobStatus = ["Failed", "Stopped"] },
          { HyperParameterTuningJobStatus = ["Failed", "Stopped"] },
        ] }
      }
    }
    drift = {
      description = "Drift and quality alarms, which start a retraining"
      targets     = [local.receiver]
      pattern = {
        source      = ["aws.cloudwatch"]
        detail-type = ["CloudWatch Alarm State Change"]
        # A pattern has 2,048 characters at most, without a higher quota: too few for a list of alarms.
        detail = { alarmName = [{ wildcard = "${var.name}-*-drift" }, { wildcard = "${var.name}-*-quality" }], state = { value = ["ALARM"] } }
      }
    }
    approvals = {
      description = "Model packages whose approval changed"
      targets     = ["webhook"]
      pattern = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Model Package State Change"]
        detail      = { ModelPackageGroupName = values(local.slugs), ModelApprovalStatus = ["Approved", "Rejected"] }
      }
    }
    endpoints = {
      description = "Endpoints and deployments whose state changed"
      targets     = ["webhook"]
      pattern = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"]
        detail      = { EndpointName = values(local.slugs) }
      }
    }
  }

  receiver = var.prefect_webhook == null ? "queue" : "webhook"
  exists   = var.prefect_webhook == null ? ["queue", "topic"] : ["webhook", "topic"]

  # A rule without a target is not created.
  targets = merge([
    for name, rule in local.rules : { for target in rule.targets : "${name}/${target}" => { rule = name, target = target } if contains(local.exists, target) }
  ]...)
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = { for name, rule in local.rules : name => rule if length(setintersection(rule.targets, local.exists)) > 0 }

  name          = "${var.name}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
  tags          = var.tags
}

# Queue and topic allow EventBridge by their own policies: with a role, an encrypted queue or topic may get nothing.
resource "aws_cloudwatch_event_target" "this" {
  for_each = local.targets

  rule      = aws_cloudwatch_event_rule.this[each.value.rule].name
  target_id = each.value.target
  arn       = each.value.target == "queue" ? aws_sqs_queue.events.arn : each.value.target == "topic" ? var.topic_arn : aws_cloudwatch_event_api_destination.this[0].arn
  role_arn  = each.value.target == "webhook" ? var.events_role_arn : null

  dynamic "input_transformer" {
    for_each = each.value.target == "topic" ? ["for people"] : []

    content {
      input_paths    = { kind = "$.detail-type", job = "$.resources[0]", time = "$.time" }
      input_template = "\"<kind>: <job> failed or was stopped, <time>. Its FailureReason has the cause. Runbook: terraform/runbook.md#failed-jobs\""
    }
  }

  dead_letter_config {
    arn = aws_sqs_queue.lost.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }
}
