"""The model registry: versions of a model package group, and their approval.

This module uses boto3. `ModelPackage.create` of `sagemaker.core` reads a field that the API does not return.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import ClientError

from config.profile import active_profile
from tasks import clients, digests, scripts
from tasks.platform import platform

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ModelPackageContainerDefinitionTypeDef, ModelPackageSummaryTypeDef

Status = Literal["Approved", "Rejected"]
NewStatus = Literal["Approved", "PendingManualApproval"]

SERVING = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    **scripts.ENVIRONMENT,
}
"""Without these AWS's XGBoost image serves in algorithm mode. Our own image needs none: it serves as the model says."""
PENDING: Final = "PendingManualApproval"
EVALUATION = "evaluation"
"""The metadata key for the id of the package's evaluation."""
MODEL_DIGEST = "model_sha256"
"""The metadata key for the SHA-256 of the package's model.tar.gz."""
SIGNING_KEY = "signing_key"
"""The metadata key for the ARN of the KMS key that signed the package's model; offline the id of a key in a file."""
BILL_DIGEST = "bill_sha256"
"""The metadata key for the SHA-256 of the package's bill of materials."""
SPLIT = "split_uri"
"""The metadata key for the folder of the split that the package's model was trained on."""
PROMOTED_FROM = "promoted_from"
"""The metadata key for the ARN of the package in another environment that this one is a copy of."""
DECISION = "decision"
"""The metadata key for the last status that VishwaOps has set."""
NEWEST = 100
"""The number of newest packages that are searched: the limit of BatchDescribeModelPackage."""
LONGEST_DESCRIPTION = 1024
ABSENT = re.compile(r"model ?package( ?group)?\b.* does not exist", re.IGNORECASE)
"""SageMaker's message for an unknown group or package. Its code, ValidationException, has other causes too."""


def evaluation_id(job_arn: str, model_uri: str, metrics: Mapping[str, float], champion_arn: str | None) -> str:
    """Return the id of an evaluation: the digest of its job, model, finite metrics and champion."""
    return digests.of_json([job_arn, model_uri, dict(metrics), champion_arn])


def version_of(arn: str) -> int:
    """The version at the end of a model package's ARN."""
    return int(arn.rpartition("/")[2])


def newest_packages(group: str, limit: int = NEWEST, **filters: Any) -> "list[ModelPackageSummaryTypeDef]":
    """Return the newest packages of a group, newest first; an empty list when the group does not exist."""
    pages = clients.sagemaker().get_paginator("list_model_packages")
    found = pages.paginate(
        ModelPackageGroupName=group,
        SortBy="CreationTime",
        SortOrder="Descending",
        # SageMaker filters a page after it has read it. So a page may be empty, and only large pages are quick.
        PaginationConfig={"MaxItems": limit, "PageSize": NEWEST if filters else min(limit, NEWEST)},
        **filters,
    )
    try:
        return [package for page in found for package in page["ModelPackageSummaryList"]]
    except ClientError as error:
        if is_absent(error):
            return []
        raise


def newest_approved(group: str) -> dict[str, Any] | None:
    """Describe the newest approved package of a group, or return None."""
    found = newest_packages(group, limit=1, ModelApprovalStatus="Approved")
    return describe_package(found[0]["ModelPackageArn"]) if found else None


def describe_package(arn: str) -> dict[str, Any]:
    """Describe a model package."""
    return dict(clients.sagemaker().describe_model_package(ModelPackageName=arn))


def find_package(arn: str) -> dict[str, Any] | None:
    """Describe a model package, or return None when it does not exist."""
    try:
        return describe_package(arn)
    except ClientError as error:
        if is_absent(error):
            return None
        raise


def is_absent(error: ClientError) -> bool:
    """Whether SageMaker refuses a call because the group or the package does not exist."""
    return ABSENT.search(error.response["Error"]["Message"]) is not None


def find_version(group: str, version: int) -> dict[str, Any] | None:
    """Describe a version of a group, or return None when it does not exist."""
    newest = newest_packages(group, limit=1)
    return find_package(sibling(newest[0]["ModelPackageArn"], version)) if newest else None


def sibling(arn: str, version: int) -> str:
    """Return the ARN of another version in the same group."""
    return f"{arn.rpartition('/')[0]}/{version}"


def model_uri(package: Mapping[str, Any]) -> str:
    """The S3 address of a package's model.tar.gz."""
    return str(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])


def evaluation_uri(package: Mapping[str, Any]) -> str:
    """The S3 address of a package's evaluation.json. Raises KeyError for a package without one."""
    return str(package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"])


def facts_of(package: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata that was stored with a package at registration."""
    return dict(package.get("CustomerMetadataProperties", {}))


def find_evaluated(group: str, model: str, evaluation: str) -> dict[str, Any] | None:
    """Describe the package of a model.tar.gz and an evaluation, or return None."""
    for arn in _packages_of_model(group, model):
        package = describe_package(arn)
        if facts_of(package).get(EVALUATION) == evaluation:
            return package
    return None


def _packages_of_model(group: str, model: str) -> Iterator[str]:
    if arns := [package["ModelPackageArn"] for package in newest_packages(group)]:
        answer = clients.sagemaker().batch_describe_model_package(ModelPackageArnList=arns)["ModelPackageSummaries"]
        yield from (arn for arn in arns if arn in answer and model_uri(answer[arn]) == model)


def ensure_package(
    group: str,
    token: str,
    *,
    description: str,
    model: str,
    evaluation_uri: str,
    facts: Mapping[str, str],
    approved: bool = False,
) -> str:
    """Return the ARN of the package of the evaluation in `facts`. A new package waits for approval, unless `approved`.

    Of several concurrent calls with one client `token` (at most 36 characters), only the first creates a package.
    SageMaker forgets a token after some hours, so the registry is searched first.
    """
    if found := find_evaluated(group, model, facts[EVALUATION]):
        return str(found["ModelPackageArn"])
    status: NewStatus = "Approved" if approved else PENDING
    decided = {DECISION: status} if approved else {}
    try:
        return _create_package(group, token, description, model, evaluation_uri, {**facts, **decided}, status)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConflictException":
            raise
        if found := find_evaluated(group, model, facts[EVALUATION]):  # created by a concurrent run
            return str(found["ModelPackageArn"])
        raise


def _create_package(
    group: str,
    token: str,
    description: str,
    model: str,
    evaluation_uri: str,
    facts: Mapping[str, str],
    status: NewStatus,
) -> str:
    profile = active_profile()
    container: ModelPackageContainerDefinitionTypeDef = {
        "Image": platform().image(profile.image),
        "ModelDataUrl": model,
        **({} if profile.own_image else {"Environment": SERVING}),
    }
    created = clients.sagemaker().create_model_package(
        ClientToken=token,
        ModelPackageGroupName=group,
        ModelPackageDescription=described(description),
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json", "text/csv"],
            "SupportedResponseMIMETypes": ["application/json", "text/csv"],
        },
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation_uri}}},
        ModelApprovalStatus=status,
        CustomerMetadataProperties={key: value for key, value in facts.items() if value},  # AWS refuses empty ones
    )
    return created["ModelPackageArn"]


def decided_by_person(package: Mapping[str, Any]) -> bool:
    """Whether the approval status differs from the last one that VishwaOps set."""
    return bool(package["ModelApprovalStatus"] != facts_of(package).get(DECISION, PENDING))


def set_status(arn: str, status: Status, reason: str) -> None:
    """Approve or reject a package, and store that VishwaOps set the status."""
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=described(reason),
        CustomerMetadataProperties={DECISION: status},
    )


def set_pending(arn: str, description: str) -> None:
    """Let a package wait for a person's decision."""
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=PENDING,
        ApprovalDescription=described(description),
        CustomerMetadataProperties={DECISION: PENDING},
    )


def set_by_person(arn: str, status: Status, description: str) -> None:
    """Approve or reject a package for a person: later runs keep the status."""
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=described(description)
    )


def add_facts(arn: str, facts: Mapping[str, str]) -> None:
    """Add metadata to a package; the rest of its metadata stays."""
    clients.sagemaker().update_model_package(ModelPackageArn=arn, CustomerMetadataProperties=dict(facts))


def described(text: str) -> str:
    """Return a text as one line, cut to the limit of the two descriptions of a package: AWS refuses line ends."""
    return " ".join(text.split())[:LONGEST_DESCRIPTION]
