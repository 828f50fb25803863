"""The history of a use case's retrainings: one record each in S3, and at most one in progress.

s3://<data bucket>/<use case>/retraining/<number>.json. A number is written once, so of two events at the same time one
starts a retraining; the other one finds its record. A retraining whose process was killed is continued by its own event
when it is repeated, or by the next one.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.errors import VishwaOpsError
from config.retraining import Retraining
from config.use_case import UseCase
from offline_cloud.processes import ProcessIdentity
from tasks import locations, storage
from tasks.champion import find
from tasks.heartbeats import Heartbeat, find_heartbeat, host, life
from tasks.retraining.decided import status_of
from tasks.retraining.policy import refusal
from tasks.retraining.record import FINAL, RetrainingRecord
from tasks.sagemaker import registry

LAST = 50
"""The records that are read: the daily limit is at most 24."""
ATTEMPTS = 20
"""The attempts to write a record while other processes write."""


@dataclass(frozen=True)
class Cause:
    """What a retraining is for."""

    event: str
    """The id of the event, or of the flow run that a person started."""
    reason: str
    """Without any value of a row."""
    automatic: bool
    """Whether no person asked for it: it needs `retraining` in the use case, and its cool-down and limit count."""


def read(use_case: str, last: int = LAST) -> list[RetrainingRecord]:
    """Return the last retrainings of a use case, oldest first."""
    folder = locations.retraining(use_case)
    names = sorted(name for name in storage.names(folder) if name.endswith(".json"))[-last:]
    return [_read(f"{folder}/{name}")[0] for name in names]


def begin(
    use_case: UseCase, cause: Cause, *, flow_run: str | None = None, resumed: bool = False, now: datetime | None = None
) -> RetrainingRecord:
    """Start the retraining of a cause, or continue it, and return its record.

    The record of one that has ended, or that waits for a person and is not `resumed`, is returned as it is. If the
    policy is against a new one, the outcome is `not started`.
    """
    now = now or datetime.now(UTC)
    for _ in range(ATTEMPTS):
        known = read(use_case.name)
        own = next((each for each in known if cause.event in each.events), None)
        if own and (own.outcome in FINAL or (own.outcome == "pending" and not resumed and _waits(use_case, own))):
            return own
        unended = own or next((each for each in known if each.outcome is None), None)
        if why := _obstacle(use_case.retraining, cause, own, known, now):
            return _not_started(use_case, cause, why, now)
        try:
            if unended:
                return _continued(unended, cause, flow_run, now)
            return _written(use_case, cause, known, flow_run, now)
        except storage.Changed:
            continue
    raise VishwaOpsError(f"{locations.retraining(use_case.name)}: other processes wrote it {ATTEMPTS} times. Run again")


def update(record: RetrainingRecord, **changes: Any) -> RetrainingRecord:
    """Change a record and return it. Raises `storage.Changed` when another process has continued the retraining."""
    uri = _address(record)
    found, version = _read(uri)
    if found.events != record.events or found.continued != record.continued:
        raise storage.Changed(f"{uri}: another process has continued this retraining. This one ends")
    changed = found.model_copy(update=changes)
    _put(changed, version)
    return changed


def _obstacle(
    policy: Retraining | None,
    cause: Cause,
    own: RetrainingRecord | None,
    known: Sequence[RetrainingRecord],
    now: datetime,
) -> str | None:
    """Return what speaks against starting or continuing a retraining; None if nothing does."""
    if working := next((each for each in known if _is_alive(each, now)), None):
        return f"retraining {working.number} is in progress since {working.active:%Y-%m-%d %H:%M} UTC"
    if own or not cause.automatic:
        return None
    if policy is None:
        return "the use case has no `retraining`"
    return refusal(policy, [each for each in known if each.outcome is not None], now)  # a killed one is continued


def _is_alive(record: RetrainingRecord, now: datetime) -> bool:
    """Whether a process works on a retraining, or has just begun to."""
    if record.outcome is not None:
        return False
    if record.run is None:  # it has just begun
        return life(_first_heartbeat(record), now) == "alive"
    return life(find_heartbeat(record.use_case, record.run)) == "alive"


def _first_heartbeat(record: RetrainingRecord) -> Heartbeat:
    """A record as the heartbeat of its process, until its run writes them."""
    known = {name: getattr(record, name) for name in ("use_case", "flow_run", "host", "pid", "process_started")}
    return Heartbeat(run="", at=record.active, **known)


def _process() -> dict[str, Any]:
    return {"host": host(), "pid": os.getpid(), "process_started": ProcessIdentity.own().started}


def _waits(use_case: UseCase, record: RetrainingRecord) -> bool:
    """Whether the retraining's version still waits for a person."""
    return record.version is not None and status_of(use_case, record.version)[0] == registry.PENDING


def _not_started(use_case: UseCase, cause: Cause, why: str, now: datetime) -> RetrainingRecord:
    return _new(use_case, cause, now).model_copy(update={"outcome": "not started", "why": (why,), "ended": now})


def _new(use_case: UseCase, cause: Cause, now: datetime) -> RetrainingRecord:
    return RetrainingRecord(use_case=use_case.name, number=0, events=(cause.event,), reason=cause.reason, started=now)


def _written(
    use_case: UseCase, cause: Cause, known: Sequence[RetrainingRecord], flow_run: str | None, now: datetime
) -> RetrainingRecord:
    champion = find(use_case)
    found = {
        "number": known[-1].number + 1 if known else 1,
        "champion": champion and champion.version,
        "flow_run": flow_run,
        **_process(),
    }
    record = _new(use_case, cause, now).model_copy(update=found)
    _put(record, None)
    return record


def _continued(record: RetrainingRecord, cause: Cause, flow_run: str | None, now: datetime) -> RetrainingRecord:
    fresh = {"run": None, "flow_run": flow_run, "outcome": None, "why": (), "ended": None}
    events = tuple(dict.fromkeys((*record.events, cause.event)))
    return update(record, events=events, continued=now, **fresh, **_process())


def _read(uri: str) -> tuple[RetrainingRecord, str]:
    content, version = storage.get_version(uri)
    return storage.parsed(uri, content, RetrainingRecord), version


def _address(record: RetrainingRecord) -> str:
    return f"{locations.retraining(record.use_case)}/{record.number:08}.json"


def _put(record: RetrainingRecord, version: str | None) -> None:
    content = record.model_dump_json(indent=1).encode()
    try:
        storage.put_if(_address(record), content, version)
    except storage.Changed:
        if storage.get(_address(record)) != content:  # equal content was written by an attempt whose response was lost
            raise
