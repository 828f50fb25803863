"""The newest records of keys in the online stores of a use case's feature groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import ConfigError, Unavailable
from config.sources import FeatureStoreSource
from config.use_case import UseCase
from tasks import cancellation, clients
from tasks.feature_store import groups

BATCH = 100
"""Identifiers of a request (BatchGetRecord, Amazon SageMaker Feature Store Runtime API reference)."""
ATTEMPTS = 6

Values = dict[str, str | None]


@dataclass(frozen=True)
class Read:
    """The features of a group that a use case reads."""

    use_case: str
    """The use case that writes the group."""
    group: str
    columns: dict[str, str]
    """The feature of each column of the schema."""


def reads_of(use_case: UseCase) -> list[Read]:
    """Return which groups have the columns of requests, and the keys of windows.

    Windows themselves are computed. Raises ConfigError when the groups do not have all of these columns.
    """
    own, source = use_case.feature_store, use_case.source
    reads = [Read(use_case.name, own.group, {name: name for name in own.columns})] if own else []
    if isinstance(source, FeatureStoreSource):
        names = {header: name for name, header in use_case.headers.items()}
        for group in source.groups:
            known = {names[column]: feature for column, feature in group.columns.items() if column in names}
            reads.append(Read(group.use_case, group.group, known))
    found = {name for read in reads for name in read.columns}
    keys = [name for window in use_case.requested_windows.values() for name in window.key]
    wanted = dict.fromkeys((*use_case.request_columns, *keys))
    if lacking := [name for name in wanted if name not in found and name not in use_case.windows]:
        raise ConfigError(
            f"{use_case.name}: feature_store: expected groups with every column of a request, found none with "
            f"{', '.join(lacking)}. Add them to feature_store.features, or predict with --input"
        )
    return reads


def values_of(use_case: UseCase, keys: Sequence[str]) -> dict[str, Values]:
    """Return the columns of requests of each key that any of the groups has; a feature without a value is None.

    Raises ConfigError as `reads_of`, or when a group has no online store, MissingInput when a group does not exist, and
    Unavailable when AWS throttles for too long.
    """
    found: dict[str, Values] = {}
    for read in reads_of(use_case):
        group = groups.require(read.use_case, read.group)
        if not group.online:
            raise ConfigError(f"feature group {group.name}: expected an online store, found `online: false`")
        for key, record in _records(group.name, list(dict.fromkeys(keys))):
            own: Values = {column: record.get(feature) for column, feature in read.columns.items()}
            found[key] = {**own, **found.get(key, {})}
    return found


def _records(group: str, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for begin in range(0, len(keys), BATCH):
        left: Sequence[str] = keys[begin : begin + BATCH]
        for attempt in range(ATTEMPTS):
            answer = _asked(group, left)
            for each in answer["Records"]:
                record = {value["FeatureName"]: value["ValueAsString"] for value in each["Record"]}
                yield each["RecordIdentifierValueAsString"], record
            failed = answer.get("Errors", [])
            unread = answer["UnprocessedIdentifiers"]
            left = [key for each in unread for key in each["RecordIdentifiersValueAsString"]]
            left += [each["RecordIdentifierValueAsString"] for each in failed]
            if not left:
                break
            cancellation.wait(0.1 * 2**attempt)
        else:
            why = f": {failed[0]['ErrorCode']}: {failed[0]['ErrorMessage']}" if failed else ""
            raise Unavailable(f"feature group {group}: expected records of {len(left)} keys, found no answer{why}")


def _asked(group: str, keys: Sequence[str]) -> dict[str, Any]:
    wanted = [{"FeatureGroupName": group, "RecordIdentifiersValueAsString": list(keys)}]
    return dict(clients.feature_store().batch_get_record(Identifiers=wanted))
