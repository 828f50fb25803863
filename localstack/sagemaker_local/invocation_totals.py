"""Totals of the requests to endpoints since the server started, by endpoint and variant."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sagemaker_local.prometheus_text import Family, Sample

if TYPE_CHECKING:
    from sagemaker_local.endpoint_metrics import Invocation

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the latency's buckets, in seconds. SageMaker's own limit of a request is 60 s."""
_MICROSECONDS = 1e6

Key = tuple[str, str]
"""The names of an endpoint and a variant."""


@dataclass
class Latency:
    """A histogram: counts by bucket, the last one without a bound; the sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def samples(self, labels: dict[str, str]) -> Iterator[Sample]:
        """The samples of a Prometheus histogram, whose buckets are cumulative."""
        below = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            below += count
            yield Sample(below, {**labels, "le": bound}, "_bucket")
        yield Sample(self.total, labels, "_sum")
        yield Sample(below, labels, "_count")


@dataclass
class Totals:
    """The totals of one variant."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    model: Latency = field(default_factory=Latency)
    overhead: Latency = field(default_factory=Latency)


class InvocationTotals:
    """Adds up requests. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[Key, Totals] = {}

    def add(self, invocations: Iterable[Invocation]) -> None:
        with self._lock:
            for each in invocations:
                totals = self._totals.setdefault((each.endpoint, each.variant), Totals())
                totals.requests += 1
                totals.client_errors += 400 <= each.status < 500
                totals.server_errors += not 200 <= each.status < 500
                totals.model.add(each.model_latency / _MICROSECONDS)
                totals.overhead.add(each.overhead_latency / _MICROSECONDS)

    def families(self, endpoints: Collection[str]) -> list[Family]:
        """The metrics of these endpoints. The totals of others, which were deleted, are dropped."""
        with self._lock:
            self._totals = {key: totals for key, totals in self._totals.items() if key[0] in endpoints}
            found = [({"endpoint": key[0], "variant": key[1]}, totals) for key, totals in sorted(self._totals.items())]
            return list(_families(found))


def _families(found: list[tuple[dict[str, str], Totals]]) -> Iterator[Family]:
    errors = (
        sample
        for labels, each in found
        for sample in (
            Sample(each.client_errors, {**labels, "status": "4xx"}),
            Sample(each.server_errors, {**labels, "status": "5xx"}),
        )
    )
    model = (sample for labels, each in found for sample in each.model.samples(labels))
    overhead = (sample for labels, each in found for sample in each.overhead.samples(labels))
    requests = tuple(Sample(each.requests, labels) for labels, each in found)
    yield Family("sagemaker_local_invocations_total", "counter", "Requests to a variant of an endpoint.", requests)
    yield Family("sagemaker_local_invocation_errors_total", "counter", "Requests without a 2xx answer.", tuple(errors))
    yield Family("sagemaker_local_model_latency_seconds", "histogram", "The model's time for a request.", tuple(model))
    yield Family("sagemaker_local_overhead_latency_seconds", "histogram", "SageMaker's own time.", tuple(overhead))
