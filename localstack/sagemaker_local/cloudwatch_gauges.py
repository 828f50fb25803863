"""The latest values of the metrics that users publish to CloudWatch, as gauges. AWS's own namespaces are left out."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local import aws
from sagemaker_local.prometheus_text import Family, Sample

_AWS = "AWS/"
_LOOKBACK, _PERIOD = timedelta(hours=26), timedelta(hours=1)
"""A metric that is published every night keeps its value until the next night."""
_READ_EVERY = 15.0  # seconds: a scrape must not load CloudWatch
_AT_ONCE = 500  # metrics in one GetMetricData (API reference)
_MOST = 5_000


class CloudWatchGauges:
    """Reads the metrics, and remembers them for some seconds."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._families: list[Family] = []

    def families(self) -> list[Family]:
        """`cloudwatch_metric` with the metric's name, namespace and dimensions as labels, and whether it was read."""
        with self._lock:
            if time.monotonic() - self._read_at > _READ_EVERY:
                self._families = self._read()
                self._read_at = time.monotonic()
            return self._families

    def _read(self) -> list[Family]:
        try:
            found = self._samples(aws.client("cloudwatch", self._region))
            samples, reached = tuple({tuple(each.labels.items()): each for each in found}.values()), 1
        except (BotoCoreError, ClientError):
            samples, reached = (), 0
        return [
            Family("cloudwatch_reachable", "gauge", "Whether CloudWatch answered.", (Sample(reached),)),
            Family("cloudwatch_metric", "gauge", "The latest hourly average of a metric in CloudWatch.", samples),
        ]

    def _samples(self, cloudwatch: Any) -> Iterator[Sample]:
        known = _own_metrics(cloudwatch)
        for first in range(0, len(known), _AT_ONCE):
            yield from _latest(cloudwatch, known[first : first + _AT_ONCE])


def _own_metrics(cloudwatch: Any) -> list[dict[str, Any]]:
    pages = cloudwatch.get_paginator("list_metrics").paginate()
    found = [metric for page in pages for metric in page["Metrics"] if not metric["Namespace"].startswith(_AWS)]
    unique = {repr(_labels(metric)): metric for metric in found}
    return [unique[key] for key in sorted(unique)][:_MOST]


def _latest(cloudwatch: Any, metrics: list[dict[str, Any]]) -> Iterator[Sample]:
    now = datetime.now(UTC)
    queries = [
        {
            "Id": f"m{place}",
            "MetricStat": {"Metric": metric, "Period": int(_PERIOD.total_seconds()), "Stat": "Average"},
        }
        for place, metric in enumerate(metrics)
    ]
    wanted = {"StartTime": now - _LOOKBACK, "EndTime": now + timedelta(minutes=1), "ScanBy": "TimestampDescending"}
    for page in cloudwatch.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **wanted):
        for found in page["MetricDataResults"]:
            if found["Values"]:
                yield Sample(float(found["Values"][0]), _labels(metrics[int(found["Id"][1:])]))


def _labels(metric: dict[str, Any]) -> dict[str, str]:
    own = {"namespace": str(metric["Namespace"]), "metric": str(metric["MetricName"])}
    dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    return {**{_label(name): str(value) for name, value in dimensions}, **own}


def _label(name: str) -> str:
    """A dimension's name as a label: `UseCase` is `use_case`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-zA-Z0-9_]", "_", words).lower().lstrip("0123456789_") or "dimension"
