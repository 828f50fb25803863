"""The model registry: the rules of packages and their groups beyond the generic verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import service_model, strict_json
from sagemaker_local.arns import name_of
from sagemaker_local.errors import ConflictException, ValidationException
from sagemaker_local.store import Query

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_UPDATED_AS_THEY_ARE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "ModelPackageRegistrationType",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


def prepare_package(engine: Engine, body: dict[str, Any]) -> None:
    """Gives a versioned package its number; an unversioned one keeps its name."""
    group, name = body.get("ModelPackageGroupName"), body.get("ModelPackageName")
    if group and name:
        raise ValidationException(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    if not group and not name:
        raise ValidationException("Missing ARN.")
    body["ModelPackageStatusDetails"] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    if group:
        _make_version(engine, body, group)


def _make_version(engine: Engine, body: dict[str, Any], group: str) -> None:
    record = engine.require(engine.kinds["ModelPackageGroup"], group)
    version = engine.store.next_version(record.arn)
    body.setdefault("ModelApprovalStatus", "PendingManualApproval")
    body.update(
        ModelPackageGroupName=record.name,
        ModelPackageName=record.name,
        ModelPackageVersion=version,
        _Name=f"{record.name}/{version}",
    )


def filter_groups(request: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """CrossAccountFilterOption of ListModelPackageGroups: no other account shares a group with this one."""
    return (("? = 'SameAccount'", request.get("CrossAccountFilterOption") or "SameAccount"),)


def filter_packages(request: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Without a group or a type, ListModelPackages lists unversioned packages only, as AWS documents."""
    kind = request.get("ModelPackageType", "Both" if "ModelPackageGroupName" in request else "Unversioned")
    if kind == "Both":
        return ()
    return (("(json_extract(body, '$.ModelPackageVersion') IS NOT NULL) = ?", kind == "Versioned"),)


def update_package(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateModelPackage: approval, description, metadata and life cycle of one package."""
    record = engine.require(engine.kinds["ModelPackage"], request["ModelPackageArn"])

    def mutate(body: dict[str, Any]) -> None:
        body.update({member: request[member] for member in _UPDATED_AS_THEY_ARE if member in request})
        metadata = body.get("CustomerMetadataProperties", {}) | request.get("CustomerMetadataProperties", {})
        removed = request.get("CustomerMetadataPropertiesToRemove", [])
        body["CustomerMetadataProperties"] = {key: metadata[key] for key in metadata if key not in removed}
        added = request.get("AdditionalInferenceSpecificationsToAdd", [])
        body["AdditionalInferenceSpecifications"] = [*body.get("AdditionalInferenceSpecifications", []), *added]
        body["LastModifiedBy"] = {}

    engine.change(record, mutate)
    return {"ModelPackageArn": record.arn}


def delete_group(engine: Engine, record: Record) -> None:
    """Deletes an empty group.

    Raises:
        ConflictException: versions are left in it.
    """
    of_group = ("json_extract(body, '$.ModelPackageGroupName') = ?", record.name)
    if engine.store.find(Query("ModelPackage", (of_group,), limit=1)):
        raise ConflictException(
            f"Model Package Group cannot be deleted because it still has Model Packages: {record.arn}"
        )
    engine.remove(record)


def batch_describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """BatchDescribeModelPackage: the packages that exist, and an error for each that does not."""
    summary = service_model.service_model().shape_for("BatchDescribeModelPackageSummary")
    found, missing = {}, {}
    for arn in request["ModelPackageArnList"]:
        record = engine.find("ModelPackage", arn)
        if record:
            found[arn] = service_model.project(record.body, summary)
        else:
            problem = f"ModelPackage {arn} does not exist."
            missing[arn] = {"ErrorCode": "ValidationException", "ErrorResponse": problem}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": missing}


def put_policy(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """PutModelPackageGroupPolicy: stored, never enforced."""
    record = engine.require(engine.kinds["ModelPackageGroup"], request["ModelPackageGroupName"])
    try:
        strict_json.loads(request["ResourcePolicy"])
    except strict_json.NotJson as error:
        raise ValidationException(f"The resource policy is not valid JSON: {error}") from None
    engine.save(record, _Policy=request["ResourcePolicy"])
    return {"ModelPackageGroupArn": record.arn}


def get_policy(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """GetModelPackageGroupPolicy."""
    record = engine.require(engine.kinds["ModelPackageGroup"], request["ModelPackageGroupName"])
    if not record.body.get("_Policy"):
        raise ValidationException(f"Cannot find resource policy for: {record.arn}")
    return {"ResourcePolicy": record.body["_Policy"]}


def delete_policy(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackageGroupPolicy."""
    get_policy(engine, request)
    record = engine.require(engine.kinds["ModelPackageGroup"], request["ModelPackageGroupName"])
    engine.change(record, lambda body: body.pop("_Policy", None))
    return {}


def deployable_container(engine: Engine, arn_or_name: str) -> dict[str, Any]:
    """The container of a model from an approved package: its Image, ModelDataUrl and Environment.

    Raises:
        ValidationException: the package does not exist, or is not approved.
    """
    record = engine.find("ModelPackage", arn_or_name)
    if record is None:
        arn = engine.arn(engine.kinds["ModelPackage"], name_of(arn_or_name))
        raise ValidationException(f"ModelPackage {arn} does not exist.")
    approval = record.body.get("ModelApprovalStatus")
    if approval not in (None, "Approved"):
        raise ValidationException(
            f"Cannot create a model from ModelPackage {record.arn}: its ModelApprovalStatus is {approval}, "
            "and only an Approved one can be deployed."
        )
    return dict(record.body.get("InferenceSpecification", {}).get("Containers", [{}])[0])
