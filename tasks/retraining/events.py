"""The events that a monitoring report raises. They have names and figures, and no value of a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from config import settings
from config.retraining import Retraining
from config.use_case import UseCase
from tasks.references import MonitoringReport
from tasks.retraining.reasons import Reason, drift, is_known, loss_of_quality, reason_to_retrain

DRIFT_DETECTED = f"{settings.NAME}.drift.detected"
QUALITY_FELL = f"{settings.NAME}.quality.fell"
RETRAIN = f"{settings.NAME}.retrain"
"""The label of an event's resource that says whether the event starts a retraining: `true` or `false`."""
NAMESPACE = UUID("5b6d3f0e-6c55-4d0b-9d7e-3a2f1c9b7e10")
"""Of the ids of events: a report that is announced again raises the same events."""


@dataclass(frozen=True)
class MonitoringEvent:
    """A Prefect event."""

    id: UUID
    event: str
    resource: Mapping[str, str]
    payload: Mapping[str, Any]


def resource_id(use_case: UseCase) -> str:
    """The id of a use case as the resource of events."""
    return f"{settings.NAME}.use-case.{use_case.slug}"


def events_of(use_case: UseCase, report: MonitoringReport) -> tuple[MonitoringEvent, ...]:
    """Return the events of a report: drift, a loss of quality, both or none.

    At most one of them starts a retraining, and none without `retraining` in the use case.
    """
    policy = use_case.retraining
    starts = reason_to_retrain(policy, report) if policy else None
    found = {DRIFT_DETECTED: drift(report), QUALITY_FELL: loss_of_quality(policy or Retraining(), report)}
    return tuple(
        _event(use_case, report, name, reason, starts=reason == starts) for name, reason in found.items() if reason
    )


def asks_for_retraining(use_case: UseCase, report: MonitoringReport) -> bool:
    """Whether one of the report's events asks for a retraining."""
    return any(each.resource[RETRAIN] == "true" for each in events_of(use_case, report))


def effect(use_case: UseCase, event: MonitoringEvent) -> str:
    """Return what an event does, for the log: whether it asks for a retraining, or why not."""
    if event.resource[RETRAIN] == "true":
        return "it asks for a retraining"
    if use_case.retraining is None:
        return "it asks for no retraining: the use case has no `retraining`"
    known = event.payload["loss"] is not None
    return (
        f"it asks for no retraining: {'the quality is known, and decides' if known else 'retraining.on_drift is false'}"
    )


def _event(use_case: UseCase, report: MonitoringReport, name: str, reason: Reason, *, starts: bool) -> MonitoringEvent:
    return MonitoringEvent(
        id=uuid5(NAMESPACE, f"{report.uri} {name}"),
        event=name,
        resource={
            "prefect.resource.id": resource_id(use_case),
            "prefect.resource.name": use_case.name,
            RETRAIN: str(starts).lower(),
        },
        payload=_payload(report, reason),
    )


def _payload(report: MonitoringReport, reason: Reason) -> dict[str, Any]:
    loss = report.loss if is_known(report.loss) else None
    return {
        "use_case": report.use_case,
        "reason": reason.text,
        "report": report.uri,
        "version": report.version,
        "verdict": report.verdict,
        "rows": report.counts.rows,
        "drifted": {each.feature: each.psi for each in report.drifted},
        "loss": loss and loss.model_dump(exclude={"group"}),
        "span": report.span.model_dump(mode="json"),
    }
