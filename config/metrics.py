"""The metrics in CloudWatch. Each combination of a name and its dimensions is billed as one metric."""

from config.use_case import UseCase

OF_EACH_USE_CASE = ("ScoredRows", "PrimaryMetric", "MaximumPSI", "RunSeconds")
"""What a lifecycle publishes."""

LIVE = ("EstimatedPrimaryMetric", "IntervalCoverage", "RefusedRows", "Retrainings")
"""What the flow `monitor` publishes of live traffic, beside MaximumPSI and PrimaryMetric."""


def metric_count(use_case: UseCase) -> int:
    """Return the number of metrics that the flows publish for a use case."""
    return len(OF_EACH_USE_CASE) + len(LIVE) + (len(use_case.inputs) if use_case.monitoring.feature_metrics else 0)
