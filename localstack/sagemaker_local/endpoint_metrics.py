"""The metrics of endpoints in CloudWatch's namespace AWS/SageMaker, put in batches of about a second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from sagemaker_local import aws
from sagemaker_local.batch_writer import BatchWriter
from sagemaker_local.best_effort import BestEffort
from sagemaker_local.invocation_totals import InvocationTotals

NAMESPACE = "AWS/SageMaker"
_MOST_WAITING = 200_000
_MOST_AT_ONCE = 500  # metrics in one PutMetricData; AWS allows 1,000 and 1 MB


class Invocation(NamedTuple):
    """The measurements of one request. Times in microseconds."""

    endpoint: str
    variant: str
    instances: int
    status: int
    """The model's status; 0 when it gave no answer."""
    model_latency: float
    overhead_latency: float
    utilization: float | None = None
    """The share of a serverless variant's concurrency that is in use; None for a variant on instances."""


class EndpointMetrics(BatchWriter[Invocation]):
    """Puts the statistics of requests to CloudWatch."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._best_effort = BestEffort()
        self.totals = InvocationTotals()
        super().__init__("cloudwatch-metrics", _MOST_WAITING)

    def write(self, items: list[Invocation]) -> None:
        self.totals.add(items)
        metrics = statistics(items, datetime.now(UTC))
        for start in range(0, len(metrics), _MOST_AT_ONCE):
            put = partial(self._put, metrics[start : start + _MOST_AT_ONCE])
            self._best_effort.send(put, "CloudWatch can't be reached, metrics of endpoints are lost")

    def _put(self, metrics: list[dict[str, Any]]) -> None:
        aws.client("cloudwatch", self._region).put_metric_data(Namespace=NAMESPACE, MetricData=metrics)


def statistics(invocations: Iterable[Invocation], now: datetime) -> list[dict[str, Any]]:
    """PutMetricData's MetricData: one statistic set for each metric of each variant that was invoked."""
    found: dict[tuple[str, str, bool], list[Invocation]] = defaultdict(list)
    for each in invocations:
        found[each.endpoint, each.variant, each.utilization is None].append(each)
    return [
        _statistic_set(metric, endpoint, variant, values, now)
        for (endpoint, variant, _), group in found.items()
        for metric, values in _measured(group)
    ]


def _statistic_set(
    metric: tuple[str, str], endpoint: str, variant: str, values: list[float], now: datetime
) -> dict[str, Any]:
    name, unit = metric
    return {
        "MetricName": name,
        "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ],
        "Timestamp": now,
        "Unit": unit,
        "StatisticValues": {
            "SampleCount": len(values),
            "Sum": sum(values),
            "Minimum": min(values),
            "Maximum": max(values),
        },
    }


def _measured(group: list[Invocation]) -> Iterable[tuple[tuple[str, str], list[float]]]:
    """For each metric of one variant, its name and unit, and its value at each request."""
    bad = [not 200 <= each.status < 300 for each in group]
    clients = [400 <= each.status < 500 for each in group]
    yield ("Invocations", "None"), [1.0] * len(group)
    yield ("Invocation4XXErrors", "None"), [*map(float, clients)]
    yield ("Invocation5XXErrors", "None"), [float(b and not c) for b, c in zip(bad, clients, strict=True)]
    yield ("ModelLatency", "Microseconds"), [each.model_latency for each in group]
    yield ("OverheadLatency", "Microseconds"), [each.overhead_latency for each in group]
    if group[0].utilization is None:
        yield ("InvocationsPerInstance", "None"), [1.0 / max(each.instances, 1) for each in group]
        yield ("InvocationModelErrors", "None"), [*map(float, bad)]
    else:  # AWS publishes fewer metrics for a serverless endpoint
        used = [each.utilization or 0.0 for each in group]
        yield ("ServerlessConcurrentExecutionsUtilization", "None"), used
