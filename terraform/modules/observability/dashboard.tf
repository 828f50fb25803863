locals {
  endpoint_metrics = {
    for metric in ["ModelLatency", "OverheadLatency", "Invocations", "Invocation4XXErrors", "Invocation5XXErrors"] :
    metric => [for slug in values(local.slugs) : ["AWS/SageMaker", metric, "EndpointName", slug, "VariantName", "champion"]]
  }

  # What the flows publish for each use case.
  flow_metrics = {
    for metric in ["MaximumPSI", "PrimaryMetric", "EstimatedPrimaryMetric", "IntervalCoverage", "ScoredRows", "RefusedRows", "Retrainings", "RunSeconds"] :
    metric => [for use_case in var.use_cases : [var.metric_namespace, metric, "UseCase", use_case]]
  }

  # One row each: title, metrics or a search, statistic. CloudWatch lays out 24 columns.
  charts = [
    { title = "Endpoint latency (µs)", metrics = concat(local.endpoint_metrics.ModelLatency, local.endpoint_metrics.OverheadLatency), stat = "p90" },
    { title = "Requests", metrics = local.endpoint_metrics.Invocations, stat = "Sum" },
    { title = "Refused (4xx) and failed (5xx)", metrics = concat(local.endpoint_metrics.Invocation4XXErrors, local.endpoint_metrics.Invocation5XXErrors), stat = "Sum" },
    { title = "Drift: the largest PSI of a feature or prediction", metrics = local.flow_metrics.MaximumPSI, stat = "Maximum" },
    { title = "Live quality: the primary metric, measured", metrics = local.flow_metrics.PrimaryMetric, stat = "Average" },
    { title = "Live quality: the primary metric, estimated", metrics = local.flow_metrics.EstimatedPrimaryMetric, stat = "Average" },
    { title = "Coverage of prediction intervals", metrics = local.flow_metrics.IntervalCoverage, stat = "Average" },
    { title = "Rows scored", metrics = local.flow_metrics.ScoredRows, stat = "Sum" },
    { title = "Rows refused, as captured", metrics = local.flow_metrics.RefusedRows, stat = "Sum" },
    { title = "Retrainings within a day", metrics = local.flow_metrics.Retrainings, stat = "Maximum" },
    { title = "Runs (s)", metrics = local.flow_metrics.RunSeconds, stat = "Maximum" },
    { title = "Failed jobs", metrics = [["AWS/Events", "MatchedEvents", "RuleName", aws_cloudwatch_event_rule.this["failed-jobs"].name]], stat = "Sum" },
    # AWS publishes the charges of every region there, once billing alerts are on.
    { title = "Cost of the month (USD)", region = "us-east-1", metrics = [["AWS/Billing", "EstimatedCharges", "ServiceName", "AmazonSageMaker", "Currency", "USD"]], stat = "Maximum" },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      for index, chart in local.charts : {
        type   = "metric"
        x      = index % 3 * 8
        y      = floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = chart.title
          metrics = chart.metrics
          stat    = chart.stat
          period  = 300
          region  = try(chart.region, var.region)
          view    = "timeSeries"
        }
      }
    ]
  })
}
