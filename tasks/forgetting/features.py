"""A person's records in the online store of the use case's feature group. The offline store is Parquet objects."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from config.feature_store import EVENT_TIME
from config.use_case import UseCase
from tasks import clients, names
from tasks.feature_store import groups

LATER = timedelta(seconds=1)
"""SageMaker deletes a record by an event time that is not before the record's own."""


def online_records(use_case: UseCase, identifiers: Sequence[str]) -> list[str]:
    """Return those of the identifiers that have a record in the online store."""
    group = _group(use_case)
    if group is None:
        return []
    runtime, found = clients.feature_store(), []
    for identifier in identifiers:
        answer = runtime.get_record(FeatureGroupName=group.name, RecordIdentifierValueAsString=identifier)
        if answer.get("Record"):
            found.append(identifier)
    return found


def delete_online(use_case: UseCase, identifiers: Sequence[str]) -> None:
    """Delete the records of the online store completely. The offline store gets no marker: it would have the key."""
    group = _group(use_case)
    if group is None:
        return
    for identifier in identifiers:
        _delete(group, identifier)


def _delete(group: groups.Group, identifier: str) -> None:
    runtime = clients.feature_store()
    answer = runtime.get_record(FeatureGroupName=group.name, RecordIdentifierValueAsString=identifier)
    record = {each["FeatureName"]: each["ValueAsString"] for each in answer.get("Record", [])}
    try:
        runtime.delete_record(
            FeatureGroupName=group.name,
            RecordIdentifierValueAsString=identifier,
            EventTime=_after(record.get(EVENT_TIME)),
            TargetStores=["OnlineStore"],
            DeletionMode="HardDelete",
        )
    except ClientError as error:
        if record:
            raise error


def _after(event_time: str | None) -> str:
    """A time after that of a record, which may be in the future, and after now."""
    now = datetime.now(UTC)
    known = datetime.fromisoformat(event_time) if event_time else now
    known = known if known.tzinfo else known.replace(tzinfo=UTC)
    return f"{max(now, known) + LATER:%Y-%m-%dT%H:%M:%S.000Z}"


def _group(use_case: UseCase) -> groups.Group | None:
    if use_case.feature_store is None:
        return None
    found = groups.find(names.feature_group(use_case.name, use_case.feature_store.group))
    return found if found and found.online else None
