locals {
  name = "${var.name}-alerts"
  arn  = aws_sns_topic.this.arn

  publishers = {
    cloudwatch = "cloudwatch.amazonaws.com"
    budgets    = "budgets.amazonaws.com"
    anomalies  = "costalerts.amazonaws.com"
  }
}

resource "aws_sns_topic" "this" {
  name              = local.name
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  arn = local.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for name, principal in local.publishers : {
          Sid       = title(name)
          Effect    = "Allow"
          Principal = { Service = principal }
          Action    = "sns:Publish"
          Resource  = local.arn
          Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
        }
      ],
      # EventBridge sends no source account or ARN: a condition in the policy of a topic refuses its messages.
      [{
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arn
      }],
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.emails

  topic_arn = local.arn
  protocol  = "email"
  endpoint  = each.key
}
