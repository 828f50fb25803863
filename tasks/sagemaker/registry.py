"""The model registry: groups of versions, and which of them is approved. By boto3, not `sagemaker.core`, whose
`ModelPackage.create` reads a field that the API does not return.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from config.profile import active_profile
from tasks import clients

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ModelPackageContainerDefinitionTypeDef

SERVING = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}
"""Without these the XGBoost container serves in algorithm mode."""


def champion(group: str) -> dict[str, Any] | None:
    """Describe the newest approved package of a group, or return None while there is none."""
    try:
        found = clients.sagemaker().list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=1,
        )["ModelPackageSummaryList"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            return None  # the group is not there yet
        raise
    return describe_package(found[0]["ModelPackageArn"]) if found else None


def describe_package(arn: str) -> dict[str, Any]:
    """Describe a model package."""
    return dict(clients.sagemaker().describe_model_package(ModelPackageName=arn))


def create_package(
    group: str,
    *,
    description: str,
    model_uri: str,
    approved: bool,
    reason: str,
    evaluation_uri: str,
    facts: Mapping[str, str],
) -> str:
    """Register a version and return its ARN."""
    profile = active_profile()
    container: ModelPackageContainerDefinitionTypeDef = {
        "Image": profile.image,
        "ModelDataUrl": model_uri,
        "Environment": SERVING,
    }
    status: Literal["Approved", "Rejected"] = "Approved" if approved else "Rejected"
    created = clients.sagemaker().create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=description,
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json", "text/csv"],
            "SupportedResponseMIMETypes": ["application/json", "text/csv"],
        },
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation_uri}}},
        ModelApprovalStatus=status,
        CustomerMetadataProperties=dict(facts),
    )
    arn = created["ModelPackageArn"]
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=reason[:1024],
    )
    return arn
