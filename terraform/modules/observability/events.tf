locals {
  rules = {
    failed-jobs = {
      description = "SageMaker jobs that failed or were stopped"
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
    approvals = {
      description = "Model packages whose approval changed"
      pattern = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Model Package State Change"]
        detail      = { ModelPackageGroupName = values(local.slugs), ModelApprovalStatus = ["Approved", "Rejected"] }
      }
    }
    endpoints = {
      description = "Endpoints and deployments whose state changed"
      pattern = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"]
        detail      = { EndpointName = values(local.slugs) }
      }
    }
    alarms = {
      description = "Drift and quality alarms, which start a retraining"
      pattern = {
        source      = ["aws.cloudwatch"]
        detail-type = ["CloudWatch Alarm State Change"]
        detail      = { alarmName = [{ prefix = "${var.name}-" }], state = { value = ["ALARM"] } }
      }
    }
  }

  handed_over = { for name, rule in local.rules : name => rule if var.prefect_webhook != null }
  webhook     = var.prefect_webhook == null ? 0 : 1
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = "${var.name}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
  tags          = var.tags
}

# Prefect's webhook authenticates by its secret path; EventBridge requires a header anyway.
resource "aws_cloudwatch_event_connection" "this" {
  count = local.webhook

  name               = "${var.name}-prefect"
  description        = "Prefect's webhook"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "X-Sent-By"
      value = var.name
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "this" {
  count = local.webhook

  name                             = "${var.name}-prefect"
  description                      = "Prefect's webhook"
  connection_arn                   = aws_cloudwatch_event_connection.this[0].arn
  invocation_endpoint              = var.prefect_webhook
  invocation_rate_limit_per_second = 10
  http_method                      = "POST"
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.handed_over

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "prefect"
  arn       = aws_cloudwatch_event_api_destination.this[0].arn
  role_arn  = var.events_role_arn

  dead_letter_config {
    arn = aws_sqs_queue.this.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }
}

# Events that could not be delivered wait here.
resource "aws_sqs_queue" "this" {
  name                              = "${var.name}-lost-events"
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
  tags                              = var.tags
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventsOfOwnRules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this.arn
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:events:${var.region}:${var.account_id}:rule/${var.name}-*" } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
