"""A request to an endpoint's model, its answer, and the instance that it is sent to with its measurement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local import serverless
from sagemaker_local.container_http import ContainerResponse
from sagemaker_local.container_stream import ContainerStream
from sagemaker_local.endpoint_metrics import Invocation

if TYPE_CHECKING:
    from sagemaker_local.executors.fleets import VariantFleet
    from sagemaker_local.executors.instances import Instance

TIMEOUT = 60.0  # seconds in which a container must answer, as on AWS
# Members of the request, and the headers in which the container gets them.
_PASSED_ON = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
    "TargetModel": "X-Amzn-SageMaker-Target-Model",
}
DEFAULT_TYPE = "application/json"
"""The content type of a request or an answer that names none."""


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request: the members from its headers, and the body."""

    members: dict[str, Any]
    body: bytes
    timeout: float = TIMEOUT

    @property
    def endpoint(self) -> str:
        return str(self.members["EndpointName"])

    @property
    def is_plain(self) -> bool:
        """Whether the request names no model and no container of several."""
        return "TargetModel" not in self.members and "TargetContainerHostname" not in self.members

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the container gets."""
        return {there: self.members[here] for here, there in _PASSED_ON.items() if here in self.members}


@dataclass(frozen=True, slots=True)
class Answered:
    """A variant's answer with a 2xx status."""

    variant: str
    response: ContainerResponse | ContainerStream


class Measurement:
    """The duration and the outcome of one request, and how much of a serverless variant's concurrency is in use."""

    __slots__ = ("began", "in_model", "status", "utilization")

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.in_model = 0.0
        self.status = 0
        self.utilization: float | None = None

    @contextmanager
    def model(self) -> Iterator[None]:
        """A context whose duration counts as the model's latency."""
        entered = time.perf_counter()
        try:
            yield
        finally:
            self.in_model += time.perf_counter() - entered

    def taken(self, endpoint: str, variant: VariantFleet) -> Invocation:
        overhead = time.perf_counter() - self.began - self.in_model
        return Invocation(
            endpoint,
            variant.name,
            len(variant.instances),
            self.status,
            self.in_model * 1e6,
            overhead * 1e6,
            self.utilization,
        )


def admitted(variant: VariantFleet, call: Call) -> tuple[Instance, Measurement]:
    """The instance that a request is sent to, which counts the request, and the request's measurement.

    Raises:
        ThrottlingException, RuntimeValidationError: beyond the limits of a serverless variant.
    """
    config = variant.variant.get("ServerlessConfig")
    serverless.admit(config, variant.requests, call.body)
    instance, measured = variant.pick(), Measurement()
    instance.requests += 1
    if config:
        measured.utilization = variant.requests / config["MaxConcurrency"]
    return instance, measured
