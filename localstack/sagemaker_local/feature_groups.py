"""Feature groups: the rules of their actions, and their creation and deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import offline_store
from sagemaker_local.errors import ResourceInUse, ResourceNotFound, ValidationException
from sagemaker_local.feature_values import RESERVED, definitions_of

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "FeatureGroupStatus": "Creating",
    "ThroughputConfig": {"ThroughputMode": "OnDemand"},
    "NextToken": "",
}
ABSENT = "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}"
_MOST_FEATURES = 2500


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Checks the definitions, and resolves the URI of the offline store."""
    online, offline = body.get("OnlineStoreConfig"), body.get("OfflineStoreConfig")
    if not (online and online.get("EnableOnlineStore")) and not offline:
        raise ValidationException(
            "Validation Error: You must include at least one of OnlineStoreConfig and OfflineStoreConfig "
            "to create a FeatureGroup."
        )
    if offline and not body.get("RoleArn"):
        raise ValidationException("Validation Error: RoleArn must be provided with OfflineStoreConfig.")
    _check_definitions(body["FeatureDefinitions"], in_memory=_in_memory(body), iceberg=_iceberg(body))
    _check_names(body)
    if online:
        online.setdefault("EnableOnlineStore", False)
    if offline:
        _resolve_offline_store(engine, body)


def start(engine: Engine, record: Record) -> None:
    engine.executors.features.create(record)


def delete(engine: Engine, record: Record) -> None:
    """Removes the online store at once; the files of the offline store stay."""
    if record.status == "Creating":
        raise ResourceInUse(f"FeatureGroup {record.name} is being created and can't be deleted yet.")
    engine.save(record, FeatureGroupStatus="Deleting")
    engine.executors.features.delete(record)


def apply_update(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """UpdateFeatureGroup: new features, the default TTL, or the throughput."""
    if body["FeatureGroupStatus"] != "Created":
        raise ValidationException(
            f"Validation Error: FeatureGroup {body['FeatureGroupName']} is in status {body['FeatureGroupStatus']} "
            "and can't be updated."
        )
    if len([member for member, value in request.items() if value]) != 1:
        raise ValidationException(
            "Validation Error: Exactly one of FeatureAdditions, OnlineStoreConfig and ThroughputConfig must be given."
        )
    _add_features(body, request.get("FeatureAdditions") or [])
    if request.get("OnlineStoreConfig"):
        _change_online_store(body, request["OnlineStoreConfig"])
    if request.get("ThroughputConfig"):
        body["ThroughputConfig"] = request["ThroughputConfig"]
    body["LastUpdateStatus"] = {"Status": "Successful"}


def describe_metadata(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeFeatureMetadata: one feature with its description and parameters."""
    record, definition = _feature(engine, request)
    metadata = record.body.get("_Metadata", {}).get(definition["FeatureName"], {})
    return {
        "FeatureGroupArn": record.arn,
        "FeatureGroupName": record.name,
        "FeatureName": definition["FeatureName"],
        "FeatureType": definition["FeatureType"],
        "CreationTime": metadata.get("CreationTime", record.created),
        "LastModifiedTime": metadata.get("LastModifiedTime", record.created),
        **({"Description": metadata["Description"]} if metadata.get("Description") else {}),
        "Parameters": [{"Key": key, "Value": value} for key, value in metadata.get("Parameters", {}).items()],
    }


def update_metadata(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateFeatureMetadata."""
    record, definition = _feature(engine, request)

    def mutate(body: dict[str, Any]) -> None:
        metadata = body.setdefault("_Metadata", {}).setdefault(definition["FeatureName"], {})
        parameters = metadata.get("Parameters", {})
        parameters |= {item["Key"]: item.get("Value", "") for item in request.get("ParameterAdditions", [])}
        removed = request.get("ParameterRemovals", [])
        metadata["Parameters"] = {key: value for key, value in parameters.items() if key not in removed}
        metadata["Description"] = request.get("Description", metadata.get("Description", ""))
        metadata["LastModifiedTime"] = engine.clock.now()

    engine.change(record, mutate)
    return {}


def _feature(engine: Engine, request: dict[str, Any]) -> tuple[Record, dict[str, Any]]:
    record = engine.require(engine.kinds["FeatureGroup"], request["FeatureGroupName"])
    definition = definitions_of(record.body).get(request["FeatureName"])
    if definition is None:
        raise ResourceNotFound(
            f"Resource Not Found: Amazon SageMaker can't find a Feature with name {request['FeatureName']} "
            f"in FeatureGroup {record.name}"
        )
    return record, definition


def _check_definitions(definitions: list[dict[str, Any]], *, in_memory: bool, iceberg: bool) -> None:
    seen = set()
    for definition in definitions:
        name, collection = definition["FeatureName"], definition.get("CollectionType")
        if name.lower() in RESERVED:
            raise ValidationException(
                f"Validation Error: Feature name [{name}] is reserved. FeatureName cannot be any of the following: "
                f"{', '.join(RESERVED)}."
            )
        if name.lower() in seen:
            raise ValidationException(f"Validation Error: Duplicate feature name [{name}] in FeatureDefinitions.")
        seen.add(name.lower())
        if collection and not (in_memory and iceberg):
            raise ValidationException(
                f"Validation Error: Feature [{name}] has a CollectionType, which is supported with the online store's "
                "StorageType InMemory and the offline store's TableFormat Iceberg only."
            )
        if collection == "Vector":
            _check_vector(definition)


def _check_vector(definition: dict[str, Any]) -> None:
    name = definition["FeatureName"]
    if definition["FeatureType"] != "Fractional":
        raise ValidationException(f"Validation Error: Vector feature [{name}] must have the FeatureType Fractional.")
    if not definition.get("CollectionConfig", {}).get("VectorConfig"):
        raise ValidationException(f"Validation Error: Vector feature [{name}] must have a VectorConfig.")


def _check_names(body: dict[str, Any]) -> None:
    definitions = definitions_of(body)
    allowed = {
        "RecordIdentifierFeatureName": ("String", "Integral", "Fractional"),
        "EventTimeFeatureName": ("String", "Fractional"),
    }
    for member, types in allowed.items():
        definition = definitions.get(body[member])
        if definition is None:
            raise ValidationException(
                f"Validation Error: {member} [{body[member]}] must be one of the names in FeatureDefinitions."
            )
        if definition["FeatureType"] not in types or definition.get("CollectionType"):
            raise ValidationException(
                f"Validation Error: {member} [{body[member]}] must be of FeatureType {' or '.join(types)}."
            )


def _in_memory(body: dict[str, Any]) -> bool:
    online = body.get("OnlineStoreConfig") or {}
    return not online.get("EnableOnlineStore") or online.get("StorageType") == "InMemory"


def _iceberg(body: dict[str, Any]) -> bool:
    offline = body.get("OfflineStoreConfig")
    return not offline or offline.get("TableFormat") == "Iceberg"


def _resolve_offline_store(engine: Engine, body: dict[str, Any]) -> None:
    offline, name = body["OfflineStoreConfig"], body["FeatureGroupName"]
    created = int(engine.clock.now())
    s3, account = offline["S3StorageConfig"], engine.account
    if not s3["S3Uri"].startswith("s3://"):
        raise ValidationException(f"Validation Error: S3Uri {s3['S3Uri']!r} must be an s3://bucket/prefix URI.")
    s3["ResolvedOutputS3Uri"] = offline_store.resolved_uri(
        s3["S3Uri"], account.number, account.region, f"{name}-{created}"
    )
    offline.setdefault("DisableGlueTableCreation", False)
    if not offline["DisableGlueTableCreation"]:
        catalog = {
            "TableName": f"{name.replace('-', '_').lower()}_{created}",
            "Catalog": "AwsDataCatalog",
            "Database": "sagemaker_featurestore",
        }
        offline.setdefault("DataCatalogConfig", catalog)


def _add_features(body: dict[str, Any], additions: list[dict[str, Any]]) -> None:
    definitions = [*body["FeatureDefinitions"], *additions]
    if len(definitions) > _MOST_FEATURES:
        raise ValidationException(f"Validation Error: A FeatureGroup can have at most {_MOST_FEATURES} features.")
    _check_definitions(definitions, in_memory=_in_memory(body), iceberg=_iceberg(body))
    body["FeatureDefinitions"] = definitions


def _change_online_store(body: dict[str, Any], change: dict[str, Any]) -> None:
    online = body.get("OnlineStoreConfig") or {}
    if not online.get("EnableOnlineStore"):
        raise ValidationException(
            f"Validation Error: FeatureGroup {body['FeatureGroupName']} does not have an OnlineStore."
        )
    if "StorageType" in change:
        if (online.get("StorageType", "Standard"), change["StorageType"]) != ("Standard", "Standard_V2"):
            raise ValidationException(
                "Validation Error: The StorageType can be changed from Standard to Standard_V2 only."
            )
        online["StorageType"] = change["StorageType"]
    ttl = change.get("TtlDuration")
    if ttl and ttl.get("Unit") and ttl.get("Value"):
        online["TtlDuration"] = ttl
    elif ttl is not None:
        online.pop("TtlDuration", None)
