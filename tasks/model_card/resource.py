"""The ModelCard of a version in SageMaker."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tasks import clients, names
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker.tags import tag_list

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ModelCardStatusType

STATUSES: "dict[str, ModelCardStatusType]" = {"approved": "Approved", "pending": "PendingReview", "rejected": "Draft"}
"""The status of a card by the approval of its version."""


def ensure_card(use_case: str, version: int, status: str, content: Mapping[str, Any]) -> str:
    """Create the card of a version, or update what differs, and return its name.

    A repeated call changes nothing, so that SageMaker makes no version of the card.
    """
    name, wanted = names.model_card(platform().model_package_group(use_case), version), STATUSES[status]
    text = json.dumps(content, sort_keys=True)
    sagemaker = clients.sagemaker()
    try:
        found = sagemaker.describe_model_card(ModelCardName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return _created(use_case, name, wanted, text)
    if json.loads(found["Content"]) != json.loads(text):
        sagemaker.update_model_card(ModelCardName=name, Content=text)
    if found["ModelCardStatus"] != wanted:  # SageMaker takes content and status in separate calls only
        sagemaker.update_model_card(ModelCardName=name, ModelCardStatus=wanted)
    return name


def _created(use_case: str, name: str, status: "ModelCardStatusType", text: str) -> str:
    sagemaker = clients.sagemaker()
    try:
        sagemaker.create_model_card(
            ModelCardName=name,
            Content=text,
            ModelCardStatus=status,
            SecurityConfig={"KmsKeyId": platform().data_key},
            Tags=tag_list({"use-case": use_case}),
        )
    except sagemaker.exceptions.ConflictException:
        log.info("card      %s: another run has created it meanwhile", name)
    return name
