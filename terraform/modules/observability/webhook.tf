# Prefect Cloud's webhook authenticates by its secret path; EventBridge requires a header anyway.
locals {
  webhook = var.prefect_webhook == null ? 0 : 1
}

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
