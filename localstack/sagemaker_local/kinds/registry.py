"""The model registry and model cards."""

from __future__ import annotations

from sagemaker_local import model_cards, registry
from sagemaker_local.resource_kind import ResourceKind

KINDS = (
    ResourceKind(
        "ModelPackageGroup",
        "model-package-group",
        status="ModelPackageGroupStatus",
        defaults={"ModelPackageGroupStatus": "Completed", "CreatedBy": {}},
        list_filter=registry.filter_groups,
        list_filter_members=("CrossAccountFilterOption",),
        not_found_message="ModelPackageGroup {arn} does not exist.",
        already_exists_message="Model Package Group already exists: {arn}",
        already_exists_error="ValidationException",
        delete=registry.delete_group,
    ),
    ResourceKind(
        "ModelPackage",
        "model-package",
        status="ModelPackageStatus",
        event="SageMaker Model Package State Change",
        event_on=("ModelApprovalStatus", "ModelLifeCycle"),
        defaults={"ModelPackageStatus": "Completed", "CreatedBy": {}},
        filters={
            "ModelApprovalStatus": "ModelApprovalStatus",
            "ModelPackageGroupName": "ModelPackageGroupName",
        },
        list_filter=registry.filter_packages,
        list_filter_members=("ModelPackageType",),
        bare_name="json_extract(body, '$.ModelPackageName')",
        not_found_message="ModelPackage {arn} does not exist.",
        already_exists_message="Model Package already exists: {arn}",
        already_exists_error="ConflictException",
        prepare=registry.prepare_package,
    ),
    ResourceKind(
        "ModelCard",
        "model-card",
        ("Create", "Update", "List", "Delete"),
        status="ModelCardStatus",
        event="SageMaker Model Card State Change",
        newest_first=True,
        defaults=model_cards.DEFAULTS,
        filters={"ModelCardStatus": "ModelCardStatus"},
        not_found_message="Model card {arn} does not exist.",
        not_found_error="ResourceNotFound",
        already_exists_message="Model card {arn} already exists.",
        already_exists_error="ConflictException",
        prepare=model_cards.prepare,
        created=model_cards.keep_version,
        apply_update=model_cards.apply_update,
        updated=model_cards.keep_version,
        delete=model_cards.delete,
    ),
    ResourceKind(
        "ModelCardVersion",
        "model-card-version",
        ("List",),
        newest_first=True,
        filters={"ModelCardName": "ModelCardName", "ModelCardStatus": "ModelCardStatus"},
    ),
)
