"""Endpoints: a fleet of containers each, brought up, exchanged and taken down beside the requests."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import JobFailure, RuntimeValidationError
from sagemaker_local.executors.containers import ServingContainer
from sagemaker_local.executors.jobs import LONGEST_REASON

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

_DRAIN = 60.0  # seconds that requests on an old fleet may take to finish
_SETTLE = 0.05  # for one that has chosen this fleet in the very moment
_LIVE = ("Creating", "InService", "Updating", "SystemUpdating")


class Fleet:
    """The containers of an endpoint's variants."""

    def __init__(self, containers: list[ServingContainer]) -> None:
        self.containers = {container.variant["VariantName"]: container for container in containers}
        self.weights = {name: container.variant["Weight"] for name, container in self.containers.items()}
        self.requests = 0

    def pick(self, target: str | None) -> ServingContainer:
        """The variant that was asked for, or one by weight.

        Raises:
            RuntimeValidationError: there is no variant of this name.
        """
        if target is not None:
            if target not in self.containers:
                raise RuntimeValidationError(f"Variant {target} not found for Request")
            return self.containers[target]
        names = list(self.weights)
        if len(names) == 1 or not any(self.weights.values()):
            return self.containers[names[0]]
        return self.containers[random.choices(names, list(self.weights.values()))[0]]  # noqa: S311

    def start(self, cancelled: threading.Event) -> None:
        """Starts every container at the same time; raises the first JobFailure after all have ended."""
        with ThreadPoolExecutor(len(self.containers)) as pool:
            starts = [pool.submit(container.start, cancelled) for container in self.containers.values()]
        for start in starts:
            start.result()

    def stop(self) -> None:
        """Waits for requests that are under way, then ends the containers."""
        time.sleep(_SETTLE)
        deadline = time.monotonic() + _DRAIN
        while self.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        for container in self.containers.values():
            container.stop()


class LiveEndpoint:
    """An endpoint that this server runs."""

    def __init__(self) -> None:
        self.fleet: Fleet | None = None
        self.cancelled = threading.Event()
        self.changing = threading.Lock()


class EndpointExecutor:
    """Runs the endpoints. Calls return at once; the work goes on in threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._endpoints: dict[str, LiveEndpoint] = {}
        self._engine: Engine | None = None

    def bind(self, engine: Engine) -> None:
        """Starts what an earlier server ran, and finishes what it was deleting."""
        self._engine = engine
        for record in engine.store.with_status("Endpoint", ("Deleting",)):
            engine.remove(record)
        for record in engine.store.with_status("Endpoint", _LIVE):
            if record.status != "Creating":
                engine.save(record, EndpointStatus="SystemUpdating")
            self.start(record)

    def fleet(self, name: str) -> Fleet | None:
        """What answers for an endpoint now; None when nothing does."""
        endpoint = self._endpoints.get(name)
        return endpoint.fleet if endpoint else None

    def start(self, record: Record) -> None:
        self._endpoints[record.name] = LiveEndpoint()
        self._begin(self._bring_up, record)

    def update(self, record: Record) -> None:
        self._endpoints.setdefault(record.name, LiveEndpoint())
        self._begin(self._exchange, record)

    def reweigh(self, record: Record) -> None:
        """Applies the weights on record at once."""
        if fleet := self.fleet(record.name):
            fleet.weights = {variant["VariantName"]: variant["Weight"] for variant in record.body["_Fleet"]}
        summaries = _summaries(record.body["_Fleet"], self._now())
        self._bound.save(record, EndpointStatus="InService", ProductionVariants=summaries)

    def delete(self, record: Record) -> None:
        endpoint = self._endpoints.setdefault(record.name, LiveEndpoint())
        endpoint.cancelled.set()
        self._begin(self._take_down, record)

    def shutdown(self) -> None:
        for endpoint in self._endpoints.values():
            endpoint.cancelled.set()
            for container in endpoint.fleet.containers.values() if endpoint.fleet else ():
                container.kill()

    def _bring_up(self, record: Record, endpoint: LiveEndpoint) -> None:
        spec = record.body["_Fleet"]
        try:
            endpoint.fleet = self._started(record, spec, endpoint)
        except JobFailure as failure:
            if not endpoint.cancelled.is_set():
                self._bound.save(record, EndpointStatus="Failed", FailureReason=str(failure)[:LONGEST_REASON])
            return
        self._in_service(record, spec, record.body["EndpointConfigName"])

    def _exchange(self, record: Record, endpoint: LiveEndpoint) -> None:
        spec, config = record.body["_NextFleet"], record.body["_NextConfig"]
        try:
            new = self._started(record, spec, endpoint)
        except JobFailure as failure:
            status = "InService" if endpoint.fleet else "Failed"
            self._bound.save(record, EndpointStatus=status, FailureReason=str(failure)[:LONGEST_REASON])
            return
        old, endpoint.fleet = endpoint.fleet, new
        self._in_service(record, spec, config)
        if old:
            old.stop()

    def _take_down(self, record: Record, endpoint: LiveEndpoint) -> None:
        fleet, endpoint.fleet = endpoint.fleet, None
        if fleet:
            fleet.stop()
        self._bound.remove(record)
        if self._endpoints.get(record.name) is endpoint:
            del self._endpoints[record.name]

    def _started(self, record: Record, spec: list[dict[str, Any]], endpoint: LiveEndpoint) -> Fleet:
        fleet = Fleet([ServingContainer(self._tools, record.name, variant) for variant in spec])
        try:
            fleet.start(endpoint.cancelled)
        except JobFailure:
            fleet.stop()
            raise
        except Exception as error:
            fleet.stop()
            raise JobFailure(f"InternalServerError: {type(error).__name__}: {error}") from error
        return fleet

    def _in_service(self, record: Record, spec: list[dict[str, Any]], config: str) -> None:
        def mutate(body: dict[str, Any]) -> None:
            body.update(_Fleet=spec, EndpointConfigName=config, ProductionVariants=_summaries(spec, self._now()))
            if body["EndpointStatus"] != "Deleting":
                body["EndpointStatus"] = "InService"
            for member in ("FailureReason", "_NextFleet", "_NextConfig"):
                body.pop(member, None)

        self._bound.change(record, mutate)

    def _begin(self, work: Callable[[Record, LiveEndpoint], None], record: Record) -> None:
        endpoint = self._endpoints[record.name]

        def run() -> None:
            with endpoint.changing:
                if work == self._take_down or not endpoint.cancelled.is_set():
                    work(record, endpoint)

        threading.Thread(target=run, name=f"endpoint-{record.name}", daemon=True).start()

    def _now(self) -> float:
        return self._bound.clock.now()

    @property
    def _bound(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        return self._engine


def _summaries(spec: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    return [
        {
            "VariantName": variant["VariantName"],
            "DeployedImages": [
                {
                    "SpecifiedImage": variant["Container"].get("Image"),
                    "ResolvedImage": variant["Container"].get("Image"),
                    "ResolutionTime": now,
                }
            ],
            "CurrentWeight": variant["Weight"],
            "DesiredWeight": variant["Weight"],
            "CurrentInstanceCount": variant["Count"],
            "DesiredInstanceCount": variant["Count"],
        }
        for variant in spec
    ]
