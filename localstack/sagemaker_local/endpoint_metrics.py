"""The metrics of endpoints in CloudWatch's namespace AWS/SageMaker, put in batches of about a second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sagemaker_local import aws
from sagemaker_local.batch_writer import BatchWriter
from sagemaker_local.best_effort import BestEffort

NAMESPACE = "AWS/SageMaker"
_MOST_WAITING = 200_000
_MOST_AT_ONCE = 500  # metrics in one PutMetricData; AWS allows 1,000 and 1 MB


@dataclass(frozen=True)
class Invocation:
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
        super().__init__("cloudwatch-metrics", _MOST_WAITING)

    def write(self, items: list[Invocation]) -> None:
        metrics = statistics(items, datetime.now(UTC))
        for start in range(0, len(metrics), _MOST_AT_ONCE):
            put = partial(self._put, metrics[start : start + _MOST_AT_ONCE])
            self._best_effort.send(put, "CloudWatch can't be reached, metrics of endpoints are lost")

    def _put(self, metrics: list[dict[str, Any]]) -> None:
        aws.client("cloudwatch", self._region).put_metric_data(Namespace=NAMESPACE, MetricData=metrics)


def statistics(invocations: Iterable[Invocation], now: datetime) -> list[dict[str, Any]]:
    """PutMetricData's MetricData: one statistic set for each metric of each variant that was invoked."""
    values: dict[tuple[str, str, str, str], list[float]] = defaultdict(list)
    for each in invocations:
        for name, unit, value in _measured(each):
            values[each.endpoint, each.variant, name, unit].append(value)
    return [
        {
            "MetricName": name,
            "Dimensions": [
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ],
            "Timestamp": now,
            "Unit": unit,
            "StatisticValues": {
                "SampleCount": len(found),
                "Sum": sum(found),
                "Minimum": min(found),
                "Maximum": max(found),
            },
        }
        for (endpoint, variant, name, unit), found in values.items()
    ]


def _measured(each: Invocation) -> Iterable[tuple[str, str, float]]:
    good = 200 <= each.status < 300
    yield "Invocations", "None", 1.0
    yield "Invocation4XXErrors", "None", float(400 <= each.status < 500)
    yield "Invocation5XXErrors", "None", float(not good and not 400 <= each.status < 500)
    yield "ModelLatency", "Microseconds", each.model_latency
    yield "OverheadLatency", "Microseconds", each.overhead_latency
    if each.utilization is None:
        yield "InvocationsPerInstance", "None", 1.0 / max(each.instances, 1)
        yield "InvocationModelErrors", "None", float(not good)
    else:  # AWS publishes fewer metrics for a serverless endpoint
        yield "ServerlessConcurrentExecutionsUtilization", "None", each.utilization
