"""The feature groups in SageMaker: made from the use case, found, and extended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from config.errors import JobFailed, MissingInput
from config.feature_store import EVENT_TIME, FeatureGroup
from config.profile import active_profile
from config.use_case import UseCase
from tasks import cancellation, clients, locations, names
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker.resource_errors import exists_already, is_missing
from tasks.sagemaker.tags import tag_list

TYPES = {"integer": "Integral", "number": "Fractional"}
"""The feature type of each column type. Others are String: dates in ISO 8601."""
LONGEST_CHANGE = timedelta(minutes=10)
MOST_ADDITIONS = 100
"""The features that one UpdateFeatureGroup can add."""


@dataclass(frozen=True)
class Group:
    """A feature group that exists."""

    name: str
    identifier: str
    """The feature that identifies a record."""
    features: dict[str, str]
    """The type of each feature, by name."""
    created: datetime
    offline: str
    """The folder of the offline store, with Parquet files by the hour of the event time."""
    online: bool

    @property
    def table(self) -> str:
        """The name with the time of creation: a group that was deleted and made again has none of its records."""
        return f"{self.name}-{self.created:%Y%m%d%H%M%S}"


def definitions(use_case: UseCase, group: FeatureGroup) -> dict[str, str]:
    """Return the type of each feature of a use case's group, by name."""
    own = {name: TYPES.get(use_case.split_columns[name].type, "String") for name in group.columns}
    return {group.identifier: own.get(group.identifier, "String"), EVENT_TIME: "String", **own}


def find(name: str) -> Group | None:
    """Return a feature group, or None."""
    return _group(found) if (found := _described(name)) else None


def require(use_case: str, group: str) -> Group:
    """Return a use case's feature group. Raises MissingInput when there is none."""
    name = names.feature_group(use_case, group)
    if (found := find(name)) is None:
        raise MissingInput(
            f"feature group {name}: expected SageMaker to have it, found no such group. It is made when rows are "
            f"validated: vishwaops run lifecycle --use-case {use_case}"
        )
    return found


def ensure(use_case: UseCase, group: FeatureGroup) -> Group:
    """Create a use case's feature group, or add its new features. Does nothing when it is complete.

    Raises JobFailed when SageMaker can't create it, or when it exists with other types: they never change.
    """
    name, wanted = names.feature_group(use_case.name, group.group), definitions(use_case, group)
    found = _settled(name) if _described(name) else _created(use_case, group, name, wanted)
    _require_equal(found, group, wanted)
    if new := {feature: kind for feature, kind in wanted.items() if feature not in found.features}:
        add_features(name, new)
        log.info("          feature group %s: added %s", name, ", ".join(new))
        return require(use_case.name, group.group)
    return found


def add_features(name: str, new: Mapping[str, str]) -> None:
    """Add features, each with its type, to a group. An interrupted call is continued by `ensure`.

    Raises JobFailed when SageMaker can't update the group.
    """
    listed = _listed(new)
    for start in range(0, len(listed), MOST_ADDITIONS):
        additions = listed[start : start + MOST_ADDITIONS]
        clients.sagemaker().update_feature_group(FeatureGroupName=name, FeatureAdditions=additions)
        _settled(name)


def _created(use_case: UseCase, group: FeatureGroup, name: str, wanted: dict[str, str]) -> Group:
    key = platform().data_key
    online = {"OnlineStoreConfig": {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": key}}}
    try:
        clients.sagemaker().create_feature_group(
            FeatureGroupName=name,
            Description=names.feature_group_description(use_case.name),
            RecordIdentifierFeatureName=group.identifier,
            EventTimeFeatureName=EVENT_TIME,
            FeatureDefinitions=_listed(wanted),
            RoleArn=platform().role("features", use_case.name),
            OfflineStoreConfig={
                "S3StorageConfig": {"S3Uri": locations.features(use_case.name), "KmsKeyId": key},
                "DisableGlueTableCreation": True,
                "TableFormat": "Default",
            },
            Tags=tag_list({"UseCase": use_case.name}),
            **(online if group.online else {}),  # type: ignore[arg-type]
        )
        log.info("          feature group %s: created", name)
    except ClientError as error:
        if not exists_already(error):
            raise
    return _settled(name)


def _settled(name: str) -> Group:
    """Wait until a group is created, and its last update is done."""
    deadline = datetime.now(UTC) + LONGEST_CHANGE
    while True:
        found = _described(name) or {}
        status = found.get("FeatureGroupStatus", "none")
        changing = found.get("LastUpdateStatus", {}).get("Status") == "InProgress"
        if status == "Created" and not changing:
            return _group(found)
        if status in ("CreateFailed", "Deleting", "DeleteFailed", "none") or datetime.now(UTC) > deadline:
            reason = found.get("FailureReason", "")
            raise JobFailed(
                f"feature group {name}: expected the status Created, found {status}. {reason}".strip()
                + f" Delete it when it has failed: aws sagemaker delete-feature-group --feature-group-name {name}"
            )
        cancellation.wait(active_profile().poll_seconds)


def _require_equal(found: Group, group: FeatureGroup, wanted: dict[str, str]) -> None:
    kinds = {name: kind for name, kind in found.features.items() if wanted.get(name, kind) != kind}
    if found.identifier != group.identifier or kinds or found.online != group.online:
        other = [f"{name}: {wanted[name]} instead of {kind}" for name, kind in kinds.items()]
        if found.identifier != group.identifier:
            other.append(f"key: {group.identifier} instead of {found.identifier}")
        if found.online != group.online:
            other.append(f"online: {group.online} instead of {found.online}".lower())
        raise JobFailed(
            f"feature group {found.name}: expected what it was created with, found {'; '.join(other)}. SageMaker never "
            "changes it: give the group another name in feature_store.group"
        )


def _described(name: str) -> dict[str, Any] | None:
    """DescribeFeatureGroup with all pages of its features."""
    found: dict[str, Any] | None = None
    more: dict[str, str] = {}
    try:
        while found is None or more:
            page: dict[str, Any] = dict(clients.sagemaker().describe_feature_group(FeatureGroupName=name, **more))
            before = found["FeatureDefinitions"] if found else []
            found = {**page, "FeatureDefinitions": [*before, *page["FeatureDefinitions"]]}
            more = {"NextToken": page["NextToken"]} if page.get("NextToken") else {}
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return found


def _group(found: dict[str, Any]) -> Group:
    return Group(
        name=found["FeatureGroupName"],
        identifier=found["RecordIdentifierFeatureName"],
        features={each["FeatureName"]: each["FeatureType"] for each in found["FeatureDefinitions"]},
        created=found["CreationTime"].astimezone(UTC),
        offline=found.get("OfflineStoreConfig", {}).get("S3StorageConfig", {}).get("ResolvedOutputS3Uri", ""),
        online=bool(found.get("OnlineStoreConfig", {}).get("EnableOnlineStore")),
    )


def _listed(features: Mapping[str, str]) -> list[Any]:
    return [{"FeatureName": name, "FeatureType": kind} for name, kind in features.items()]
