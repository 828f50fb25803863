"""The Feature Store: feature groups."""

from __future__ import annotations

from sagemaker_local import feature_groups
from sagemaker_local.resource_kind import CREATE_TO_DELETE, ResourceKind

KINDS = (
    ResourceKind(
        "FeatureGroup",
        "feature-group",
        (*CREATE_TO_DELETE, "Update"),
        status="FeatureGroupStatus",
        event="SageMaker Feature Group State Change",
        event_on=("OfflineStoreStatus",),
        newest_first=True,
        defaults=feature_groups.DEFAULTS,
        filters={
            "FeatureGroupStatusEquals": "FeatureGroupStatus",
            "OfflineStoreStatusEquals": "OfflineStoreStatus.Status",
        },
        sorts={"OfflineStoreStatus": "OfflineStoreStatus.Status"},
        not_found_message=feature_groups.ABSENT,
        not_found_error="ResourceNotFound",
        already_exists_message="Resource Already Exists: FeatureGroup with name {name} already exists. "
        "Choose a different name.\nInfo: FeatureGroup with name {name} already exists.",
        prepare=feature_groups.prepare,
        created=feature_groups.start,
        apply_update=feature_groups.apply_update,
        delete=feature_groups.delete,
    ),
)
