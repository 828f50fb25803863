"""Endpoints: starts, exchanges and ends their fleets beside the requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sagemaker_local.asynchronous import AsynchronousInference
from sagemaker_local.data_capture import CaptureWriter
from sagemaker_local.deployments import Plan, plan
from sagemaker_local.endpoint_metrics import EndpointMetrics
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.deployments import FAILURES, Deployment, Traffic
from sagemaker_local.executors.fleets import Fleet
from sagemaker_local.executors.summaries import describe_fleet, pending_deployment
from sagemaker_local.failure_reasons import LONGEST_REASON, internal, store_with_retries

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

_MIXED = "UpdateRollbackFailed"
_RUNNING = ("InService", "Updating", "SystemUpdating", "RollingBack", _MIXED)
_PENDING = ("_NextFleet", "_NextConfig", "PendingDeploymentSummary")


class LiveEndpoint:
    """An endpoint that this server runs."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.cancelled = threading.Event()
        self.changing = threading.Lock()


class EndpointExecutor:
    """Runs the endpoints. Calls return at once; the work is done in threads."""

    def __init__(self, tools: Tools) -> None:
        self.metrics = EndpointMetrics(tools.region)
        self.captures = CaptureWriter(tools.region)
        self.asynchronous = AsynchronousInference(tools.region)
        self._tools = tools
        self._endpoints: dict[str, LiveEndpoint] = {}
        self._ending = threading.Event()
        self._engine: Engine | None = None

    def bind(self, engine: Engine) -> None:
        """Starts an earlier server's endpoints, those in an update with the old config; completes deletions."""
        self._engine = engine
        for record in engine.store.with_status("Endpoint", ("Deleting",)):
            engine.remove(record)
        for record in engine.store.with_status("Endpoint", _RUNNING):
            engine.change(record, _back_to_its_config)
            self.start(record)
        for record in engine.store.with_status("Endpoint", ("Creating",)):
            self.start(record)

    def names(self) -> list[str]:
        """The names of the endpoints that this server runs."""
        return sorted(self._endpoints)

    def fleet(self, name: str) -> Fleet | None:
        """The fleet that answers an endpoint's next request; None if there is none."""
        endpoint = self._endpoints.get(name)
        return endpoint.traffic.pick() if endpoint else None

    def start(self, record: Record) -> None:
        self._endpoints[record.name] = LiveEndpoint()
        self._begin(self._create, record)

    def update(self, record: Record) -> None:
        self._endpoints.setdefault(record.name, LiveEndpoint())
        self._begin(self._update, record)

    def resize(self, record: Record) -> None:
        """Applies the stored weights at once, and scales the variants to their instance counts."""
        endpoint = self._endpoints.setdefault(record.name, LiveEndpoint())
        if fleet := endpoint.traffic.blue:
            fleet.spec = record.body["_Fleet"]
            for variant in fleet.spec["Variants"]:
                fleet.variants[variant["VariantName"]].weight = variant["Weight"]
                fleet.variants[variant["VariantName"]].variant = variant
        self._begin(self._resize, record)

    def delete(self, record: Record) -> None:
        endpoint = self._endpoints.setdefault(record.name, LiveEndpoint())
        endpoint.cancelled.set()
        self._begin(self._delete, record)

    def shutdown(self) -> None:
        self._ending.set()
        for endpoint in self._endpoints.values():
            endpoint.cancelled.set()
            for fleet in endpoint.traffic.fleets:
                fleet.kill()
        self.metrics.close()
        self.captures.close()

    # The work in an endpoint's thread, one task at a time.

    def _create(self, record: Record, endpoint: LiveEndpoint) -> None:
        spec = record.body["_Fleet"]
        try:
            endpoint.traffic.settle(self._started(record, spec, endpoint))
        except JobFailure as failure:
            if not endpoint.cancelled.is_set():
                reason = str(failure)[:LONGEST_REASON]
                self._save(record, lambda body: body.update(EndpointStatus="Failed", FailureReason=reason))
            return
        self._in_service(record, spec, record.body["EndpointConfigName"])

    def _update(self, record: Record, endpoint: LiveEndpoint) -> None:
        spec, config = record.body["_NextFleet"], record.body["_NextConfig"]
        began, now_plan = self._now(), plan(record.body.get("_Deployment", {}), smallest(spec))

        def report(status: str, share: float) -> None:
            summary = pending_deployment(spec, config, status, share, began, self._now())
            self._save(record, lambda body: body.update(PendingDeploymentSummary=summary))

        report("Creating", 0.0)
        deployment = Deployment(now_plan, endpoint.traffic, self._tools.region, self._tools.pace, endpoint.cancelled)
        green = Fleet(self._tools, record.name, spec)
        served = endpoint.traffic.fleets  # two after a rollback that failed
        try:
            self._start(green, now_plan, endpoint)
            deployment.run(green, report)
        except FAILURES as failure:
            self._roll_back(record, endpoint, deployment, green, failure)
        else:
            endpoint.traffic.settle(green)
            self._in_service(record, spec, config)
        for fleet in served:
            if fleet not in endpoint.traffic.fleets:
                fleet.stop()

    def _roll_back(
        self, record: Record, endpoint: LiveEndpoint, deployment: Deployment, green: Fleet, failure: Exception
    ) -> None:
        if endpoint.traffic.blue:
            self._set_status(record, "RollingBack")
        try:
            deployment.undo()
        except JobFailure as again:
            self._leave_mixed(record, f"{failure} The rollback failed: {again}")
            if green not in endpoint.traffic.fleets:
                green.stop()
            return
        green.stop()

        def mutate(body: dict[str, Any]) -> None:
            body["FailureReason"] = str(failure)[:LONGEST_REASON]
            if body["EndpointStatus"] != "Deleting":
                body["EndpointStatus"] = "InService" if endpoint.traffic.blue else "Failed"
            for member in _PENDING:
                body.pop(member, None)

        self._save(record, mutate)

    def _leave_mixed(self, record: Record, reason: str) -> None:
        """After a rolling deployment and its rollback have failed: both fleets answer, until another update."""

        def mutate(body: dict[str, Any]) -> None:
            body["FailureReason"] = reason[:LONGEST_REASON]
            if body["EndpointStatus"] != "Deleting":
                body["EndpointStatus"] = _MIXED
            for member in _PENDING:
                body.pop(member, None)

        self._save(record, mutate)

    def _resize(self, record: Record, endpoint: LiveEndpoint) -> None:
        fleet = endpoint.traffic.blue
        try:
            if fleet:
                fleet.scale(1.0, endpoint.cancelled)
        except JobFailure as failure:
            reason = str(failure)[:LONGEST_REASON]
            self._save(record, lambda body: body.update(FailureReason=reason))
        self._in_service(record, record.body["_Fleet"], record.body["EndpointConfigName"])

    def _delete(self, record: Record, endpoint: LiveEndpoint) -> None:
        for fleet in endpoint.traffic.close():
            fleet.stop()
        self.captures.flush()
        store_with_retries(lambda: self._bound.remove(record), self._ending.is_set)
        if self._endpoints.get(record.name) is endpoint:
            del self._endpoints[record.name]

    def _started(self, record: Record, spec: dict[str, Any], endpoint: LiveEndpoint) -> Fleet:
        fleet = Fleet(self._tools, record.name, spec)
        self._start(fleet, None, endpoint)
        return fleet

    def _start(self, fleet: Fleet, by: Plan | None, endpoint: LiveEndpoint) -> None:
        """Starts a fleet: in full, or as many instances as the first step of a rolling deployment needs."""
        try:
            fleet.scale(by.shifts[0].share if by and by.rolling else 1.0, endpoint.cancelled)
        except JobFailure:
            fleet.stop()
            raise
        except Exception as error:
            fleet.stop()
            raise JobFailure(internal(error)) from error

    def _in_service(self, record: Record, spec: dict[str, Any], config: str) -> None:
        def mutate(body: dict[str, Any]) -> None:
            body.update(_Fleet=spec, EndpointConfigName=config, **describe_fleet(spec, self._now()))
            if body["EndpointStatus"] != "Deleting":
                body["EndpointStatus"] = "InService"
            for member in ("FailureReason", *_PENDING):
                body.pop(member, None)

        self._save(record, mutate)

    def _set_status(self, record: Record, status: str) -> None:
        def mutate(body: dict[str, Any]) -> None:
            if body["EndpointStatus"] != "Deleting":
                body["EndpointStatus"] = status

        self._save(record, mutate)

    def _save(self, record: Record, mutate: Callable[[dict[str, Any]], None]) -> None:
        """Changes the stored record as soon as the disk has room, because no request repeats this change."""
        store_with_retries(lambda: self._bound.change(record, mutate), self._ending.is_set)

    def _begin(self, work: Callable[[Record, LiveEndpoint], None], record: Record) -> None:
        endpoint = self._endpoints[record.name]

        def run() -> None:
            with endpoint.changing:
                if work == self._delete or not endpoint.cancelled.is_set():
                    self._work(work, record, endpoint)

        threading.Thread(target=run, name=f"endpoint-{record.name}", daemon=True).start()

    def _work(self, work: Callable[[Record, LiveEndpoint], None], record: Record, endpoint: LiveEndpoint) -> None:
        try:
            work(record, endpoint)
        except Exception as error:  # noqa: BLE001
            reason = internal(error)[:LONGEST_REASON]

            def mutate(body: dict[str, Any]) -> None:
                body["FailureReason"] = reason
                if body["EndpointStatus"] != "Deleting":
                    body["EndpointStatus"] = "InService" if endpoint.traffic.blue else "Failed"
                for member in _PENDING:
                    body.pop(member, None)

            self._save(record, mutate)

    def _now(self) -> float:
        return self._bound.clock.now()

    @property
    def _bound(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        return self._engine


def smallest(spec: dict[str, Any]) -> int:
    """The instance count of the smallest production variant."""
    counts: list[int] = [variant["Count"] for variant in spec["Variants"]]
    return min(counts)


def _back_to_its_config(body: dict[str, Any]) -> None:
    body["EndpointStatus"] = "SystemUpdating"
    for member in _PENDING:
        body.pop(member, None)
