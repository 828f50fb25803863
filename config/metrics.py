"""The metrics in CloudWatch. Each combination of a name and its dimensions is billed as one metric."""

from config.use_case import UseCase

OF_EACH_USE_CASE = ("ScoredRows", "PrimaryMetric", "MaximumPSI", "RunSeconds")


def metric_count(use_case: UseCase) -> int:
    """Return the number of metrics that the flows publish for a use case."""
    return len(OF_EACH_USE_CASE) + (len(use_case.inputs) if use_case.monitoring.feature_metrics else 0)
