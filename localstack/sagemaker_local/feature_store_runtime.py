"""The Feature Store runtime API: PutRecord, GetRecord and the other actions, by their REST paths."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sagemaker_local import feature_groups, strict_json
from sagemaker_local.arns import name_of
from sagemaker_local.errors import (
    AwsError,
    RuntimeConflict,
    RuntimeResourceNotFound,
    RuntimeValidationError,
)
from sagemaker_local.feature_store_requests import read_request
from sagemaker_local.feature_values import (
    FeatureRecord,
    definitions_of,
    iso_time,
    lifetime,
    named_values,
    read_event_time,
    read_record,
)
from sagemaker_local.online_store import StoredRecord, Write

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

PATHS = ("/FeatureGroup/", "/BatchGetRecord", "/BatchWriteRecord")
_PAGE = 100
_STORES = ("OnlineStore", "OfflineStore")

Request = dict[str, Any]
Response = dict[str, Any]


def answer(engine: Engine, method: str, path: str, query: str, body: bytes) -> bytes:
    """Answers one request; `path` and `query` are still quoted.

    Raises:
        AwsError: the error that AWS would answer.
    """
    action, request = read_request(ACTIONS, method, path, query, body)
    return strict_json.dumps(ACTIONS[action](engine, request)).encode()


def put_record(engine: Engine, request: Request) -> Response:
    """PutRecord: writes to the online store if it is the newest of its identifier, and always to the offline store."""
    record = _group(engine, request["FeatureGroupName"])
    online, offline = _targets(record, request.get("TargetStores"))
    online_config = record.body.get("OnlineStoreConfig") or {}
    ttl = lifetime(request.get("TtlDuration")) or lifetime(online_config.get("TtlDuration"))
    values = read_record(record.body, request["Record"])
    write = Write(record.sequence, values, engine.clock.now(), online, offline, ttl)
    engine.executors.features.online.write(write)
    return {}


def get_record(engine: Engine, request: Request) -> Response:
    """GetRecord: the newest record of an identifier, or nothing."""
    record = _group(engine, request["FeatureGroupName"], RuntimeResourceNotFound)
    _targets(record, ["OnlineStore"])
    identifier, wanted = request["RecordIdentifierValueAsString"], request.get("FeatureNames")
    stored = _stored(engine, record, identifier, wanted)
    return _shown(stored, wanted, with_expiry=request.get("ExpirationTimeResponse") == "Enabled") if stored else {}


def delete_record(engine: Engine, request: Request) -> Response:
    """DeleteRecord. Soft: no longer retrievable, but its event time still counts. Hard: removed completely."""
    record = _group(engine, request["FeatureGroupName"])
    online, offline = _targets(record, request.get("TargetStores"))
    identifier, event_time = request["RecordIdentifierValueAsString"], request["EventTime"]
    body, mode = record.body, request.get("DeletionMode", "SoftDelete")
    names = {body["RecordIdentifierFeatureName"]: identifier, body["EventTimeFeatureName"]: event_time}
    named_values(body, [{"FeatureName": name, "ValueAsString": value} for name, value in names.items()])
    marker = FeatureRecord(identifier, read_event_time(body, event_time), names)
    write = Write(record.sequence, marker, engine.clock.now(), online, offline, deletion=mode)
    if not engine.executors.features.online.write(write):
        raise RuntimeValidationError(
            f"Validation Error: EventTime [{event_time}] must be later than the EventTime of the existing record."
        )
    return {}


def batch_get_record(engine: Engine, request: Request) -> Response:
    """BatchGetRecord: records of several groups; missing records are left out, a missing group is an error."""
    response: Response = {"Records": [], "Errors": [], "UnprocessedIdentifiers": []}
    with_expiry = request.get("ExpirationTimeResponse") == "Enabled"
    for item in request["Identifiers"]:
        group, wanted = item["FeatureGroupName"], item.get("FeatureNames")
        for identifier in item["RecordIdentifiersValueAsString"]:
            named = {"FeatureGroupName": group, "RecordIdentifierValueAsString": identifier}
            try:
                record = _group(engine, group, RuntimeResourceNotFound)
                _targets(record, ["OnlineStore"])
                if stored := _stored(engine, record, identifier, wanted):
                    response["Records"].append({**named, **_shown(stored, wanted, with_expiry=with_expiry)})
            except AwsError as error:
                response["Errors"].append({**named, "ErrorCode": error.code, "ErrorMessage": error.message})
    return response


def batch_write_record(engine: Engine, request: Request) -> Response:
    """BatchWriteRecord: up to 25 PutRecords in one request, each with its own result."""
    errors = []
    for entry in request["Entries"]:
        default = {"TtlDuration": request["TtlDuration"]} if "TtlDuration" in request else {}
        try:
            put_record(engine, {**default, **entry})
        except AwsError as error:
            errors.append({"Entry": entry, "ErrorCode": error.code, "ErrorMessage": error.message})
    return {"Errors": errors, "UnprocessedEntries": []}


def list_records(engine: Engine, request: Request) -> Response:
    """ListRecords: one page of the online store's record identifiers."""
    record = _group(engine, request["FeatureGroupName"], RuntimeResourceNotFound)
    _targets(record, ["OnlineStore"])
    size = request.get("MaxResults", _PAGE)
    after = _read_token(request["NextToken"]) if "NextToken" in request else ""
    deleted = bool(request.get("IncludeSoftDeletedRecords"))
    found = engine.executors.features.online.identifiers(
        record.sequence, after, size + 1, engine.clock.now(), with_deleted=deleted
    )
    response: Response = {"RecordIdentifiers": found[:size]}
    if len(found) > size:
        response["NextToken"] = base64.urlsafe_b64encode(found[size - 1].encode()).decode()
    return response


def update_record(engine: Engine, request: Request) -> Response:
    """UpdateRecord: changes some features of an existing record."""
    record = _group(engine, request["FeatureGroupName"])
    body, identifier = record.body, request["RecordIdentifierValueAsString"]
    storage = (body.get("OnlineStoreConfig") or {}).get("StorageType", "Standard")
    if storage == "Standard":
        raise RuntimeValidationError(
            "Validation Error: UpdateRecord is available only for the StorageTypes Standard_V2 and InMemory."
        )
    stored = _stored(engine, record, identifier, None)
    if stored is None:
        raise RuntimeResourceNotFound(f"Resource Not Found: no record with identifier {identifier}.")
    changes = named_values(body, request["Features"])
    given_time = changes.get(body["EventTimeFeatureName"])
    if request.get("TtlDuration") and given_time is None:
        raise RuntimeValidationError("Validation Error: EventTime must be given with TtlDuration.")
    if given_time is not None and read_event_time(body, given_time) < stored.event_time:
        raise RuntimeConflict(f"EventTime [{given_time}] is older than the record's current EventTime.")
    merged = {**stored.values, **changes, body["RecordIdentifierFeatureName"]: identifier}
    values = read_record(body, [_feature(name, value) for name, value in merged.items()])
    online, offline = _targets(record, request.get("TargetStores"))
    remaining = None if stored.expires is None else stored.expires - stored.event_time
    ttl = lifetime(request.get("TtlDuration")) or remaining
    write = Write(record.sequence, values, engine.clock.now(), online, offline, ttl, or_equal=True)
    engine.executors.features.online.write(write)
    return {}


ACTIONS: dict[str, Callable[[Engine, Request], Response]] = {
    "PutRecord": put_record,
    "GetRecord": get_record,
    "DeleteRecord": delete_record,
    "BatchGetRecord": batch_get_record,
    "BatchWriteRecord": batch_write_record,
    "ListRecords": list_records,
    "UpdateRecord": update_record,
}


def _group(engine: Engine, name_or_arn: str, absent: type[AwsError] = RuntimeValidationError) -> Record:
    record = engine.find("FeatureGroup", name_or_arn)
    if record is None or record.status in ("Deleting", "CreateFailed"):
        raise absent(feature_groups.ABSENT.format(name=name_of(name_or_arn)))
    if record.status != "Created":
        raise RuntimeValidationError(f"Validation Error: FeatureGroup {record.name} is in status {record.status}.")
    return record


def _targets(record: Record, asked: list[str] | None) -> tuple[bool, bool]:
    """Whether to write to the online and to the offline store."""
    there = {
        "OnlineStore": bool((record.body.get("OnlineStoreConfig") or {}).get("EnableOnlineStore")),
        "OfflineStore": "OfflineStoreConfig" in record.body,
    }
    for store in asked or ():
        if not there[store]:
            raise RuntimeValidationError(f"Validation Error: FeatureGroup {record.name} does not have an {store}.")
    online, offline = (there[store] and (not asked or store in asked) for store in _STORES)
    return online, offline


def _stored(engine: Engine, record: Record, identifier: str, wanted: list[str] | None) -> StoredRecord | None:
    unknown = set(wanted or ()) - set(definitions_of(record.body))
    if unknown:
        raise RuntimeValidationError(
            f"Validation Error: FeatureNames [{', '.join(sorted(unknown))}] are not defined in "
            f"FeatureGroup [{record.name}]."
        )
    return engine.executors.features.online.get(record.sequence, identifier, engine.clock.now())


def _shown(stored: StoredRecord, wanted: list[str] | None, *, with_expiry: bool) -> Response:
    names = [name for name in stored.values if wanted is None or name in wanted]
    response: Response = {"Record": [_feature(name, stored.values[name]) for name in names]} if names else {}
    if with_expiry and stored.expires is not None:
        response["ExpiresAt"] = iso_time(stored.expires)
    return response


def _feature(name: str, value: Any) -> dict[str, Any]:
    return {"FeatureName": name, "ValueAsStringList" if isinstance(value, list) else "ValueAsString": value}


def _read_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError:
        raise RuntimeValidationError("Invalid NextToken: it is not one that ListRecords returned.") from None
