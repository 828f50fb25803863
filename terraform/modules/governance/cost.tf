# Without a filter the budget covers the whole account: a tag filters nothing until it is activated for cost allocation.
resource "aws_budgets_budget" "this" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  tags         = var.tags

  dynamic "cost_filter" {
    for_each = var.cost_centre == null ? [] : [var.cost_centre]

    content {
      name   = "TagKeyValue"
      values = [format("user:CostCentre$%s", cost_filter.value)]
    }
  }

  dynamic "notification" {
    for_each = { for name, alert in { half = [50, "ACTUAL"], most = [80, "ACTUAL"], forecast = [100, "FORECASTED"], all = [100, "ACTUAL"] } : name => alert if var.budget_alerts }

    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value[0]
      threshold_type            = "PERCENTAGE"
      notification_type         = notification.value[1]
      subscriber_sns_topic_arns = [var.topic_arn]
    }
  }
}

# An account may have one monitor by service, and a member of an organisation may create no other kind.
resource "aws_ce_anomaly_monitor" "this" {
  count = var.anomaly_usd != null && var.anomaly_monitor_arn == null ? 1 : 0

  name              = var.name
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
  tags              = var.tags
}

resource "aws_ce_anomaly_subscription" "this" {
  count = var.anomaly_usd == null ? 0 : 1

  name             = var.name
  frequency        = "IMMEDIATE"
  monitor_arn_list = [coalesce(var.anomaly_monitor_arn, one(aws_ce_anomaly_monitor.this[*].arn))]
  tags             = var.tags

  subscriber {
    type    = "SNS"
    address = var.topic_arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomaly_usd)]
    }
  }
}
