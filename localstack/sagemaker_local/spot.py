"""Managed spot training: its rules, its bill, and interruptions on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_local.errors import ValidationException

INTERRUPTIONS = "sagemaker-local:interruptions"
"""The tag of a spot job with the number of its interruptions, each after a checkpoint."""
BILLED_SHARE = 0.3
"""The billed share of a spot job's training time. On AWS it varies with the spot price."""


def check(body: dict[str, Any]) -> None:
    """Refuses a stopping condition that does not fit the instances, whose MaxRuntimeInSeconds is set.

    Raises:
        ValidationException: MaxWaitTimeInSeconds is missing, too small, or of a job without spot instances.
    """
    wait = body["StoppingCondition"].get("MaxWaitTimeInSeconds")
    if not body.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ValidationException(
                "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
            )
    elif wait is None or wait < body["StoppingCondition"]["MaxRuntimeInSeconds"]:
        raise ValidationException(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )


def interruptions_left(body: Mapping[str, Any], tags: Mapping[str, str]) -> int:
    """The number of interruptions that a job is still to have."""
    asked = tags.get(INTERRUPTIONS, "")
    wanted = int(asked) if asked.isdigit() and body.get("EnableManagedSpotTraining") else 0
    return max(0, wanted - int(body.get("_Interruptions", 0)))


def is_too_late(body: Mapping[str, Any], created: float, now: float) -> bool:
    """Whether a job has no time left to wait for other spot instances."""
    return now - created > float(body["StoppingCondition"].get("MaxWaitTimeInSeconds", float("inf")))


def billed(body: Mapping[str, Any], seconds: int) -> int:
    """BillableTimeInSeconds of a job that has trained for so many seconds."""
    return max(1, round(BILLED_SHARE * seconds)) if body.get("EnableManagedSpotTraining") else seconds
