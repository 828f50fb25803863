data "aws_partition" "current" {}

# Drift alarms and failed jobs, for the flow that receives them.
resource "aws_sqs_queue" "events" {
  name                              = "${var.name}-events"
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
  visibility_timeout_seconds        = 300
  redrive_policy                    = jsonencode({ deadLetterTargetArn = aws_sqs_queue.lost.arn, maxReceiveCount = 5 })
  tags                              = var.tags
}

# Events that could not be delivered, or that the flow could not handle, wait here.
resource "aws_sqs_queue" "lost" {
  name                              = "${var.name}-lost-events"
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
  tags                              = var.tags
}

resource "aws_sqs_queue_policy" "this" {
  for_each = { events = aws_sqs_queue.events, lost = aws_sqs_queue.lost }

  queue_url = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventsOfOwnRules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = each.value.arn
        Condition = { ArnLike = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:events:${var.region}:${var.account_id}:rule/${var.name}-*" } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
