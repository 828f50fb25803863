"""What `GET /metrics` answers: endpoints, jobs, waiting captures, and the metrics in CloudWatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sagemaker_local.cloudwatch_gauges import CloudWatchGauges
from sagemaker_local.prometheus_text import Family, Sample, exposition

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

JOBS = {
    "TrainingJob": "training",
    "ProcessingJob": "processing",
    "TransformJob": "transform",
    "HyperParameterTuningJob": "tuning",
    "PipelineExecution": "pipeline execution",
}


Labels = Callable[[str], dict[str, str]]
"""The labels of a kind of resource."""


class PrometheusMetrics:
    """Collects the metrics of a server when they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cloudwatch = CloudWatchGauges(engine.account.region)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return exposition([*self._endpoints(), self._jobs(), self._captures(), *self._cloudwatch.families()])

    def _endpoints(self) -> Iterator[Family]:
        counts = self._engine.store.status_counts(["Endpoint"])
        yield _by_status("sagemaker_local_endpoints", "Endpoints by status.", counts, lambda _: {})
        executor = self._engine.executors.endpoints
        names = executor.names()
        yield from executor.metrics.totals.families(names)
        found = [(name, fleet) for name in names if (fleet := executor.fleet(name))]
        variants = [
            ({"endpoint": name, "variant": variant.name}, variant)
            for name, fleet in found
            for variant in (*fleet.variants.values(), *fleet.shadows)
        ]
        healthy = tuple(Sample(sum(i.healthy for i in each.instances), labels) for labels, each in variants)
        active = tuple(Sample(each.requests, labels) for labels, each in variants)
        yield Family("sagemaker_local_instances_in_service", "gauge", "Instances that answer.", healthy)
        yield Family("sagemaker_local_requests_in_progress", "gauge", "Requests that wait for an answer.", active)

    def _jobs(self) -> Family:
        counts = self._engine.store.status_counts(list(JOBS))
        return _by_status("sagemaker_local_jobs", "Jobs by status.", counts, lambda kind: {"kind": JOBS[kind]})

    def _captures(self) -> Family:
        waiting = Sample(self._engine.executors.endpoints.captures.waiting)
        about = "Captured requests that are not in S3 yet."
        return Family("sagemaker_local_captures_waiting", "gauge", about, (waiting,))


def _by_status(name: str, about: str, counts: Counter[tuple[str, str]], of_kind: Labels) -> Family:
    samples = tuple(
        Sample(count, {**of_kind(kind), "status": status}) for (kind, status), count in sorted(counts.items())
    )
    return Family(name, "gauge", about, samples)
