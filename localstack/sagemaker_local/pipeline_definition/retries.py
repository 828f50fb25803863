"""RetryPolicies of a step, and the durations of its cache."""

from __future__ import annotations

import re
from typing import Any

_DURATION = re.compile(
    r"P?(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE
)
_UNITS = (365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)


def seconds(duration: str) -> float | None:
    """The seconds of an ISO 8601 duration, with or without its P as on AWS; None for other text."""
    match = _DURATION.fullmatch(duration)
    if not match or not any(match.groups()):
        return None
    return float(sum(int(number) * unit for number, unit in zip(match.groups(), _UNITS, strict=True) if number))


def delay(policies: list[dict[str, Any]], exception: str, attempts: int, running_for: float) -> float | None:
    """Seconds to wait before the next attempt, or None without another attempt.

    Args:
        policies: the step's RetryPolicies.
        exception: the exception type, such as `SageMaker.JOB_INTERNAL_ERROR`.
        attempts: the number of attempts so far.
        running_for: seconds since the first attempt began.
    """
    for policy in policies:
        if exception not in policy.get("ExceptionType", []):
            continue
        if "MaxAttempts" in policy and attempts > policy["MaxAttempts"]:
            return None
        if "ExpireAfterMin" in policy and running_for >= 60 * policy["ExpireAfterMin"]:
            return None
        return float(policy.get("IntervalSeconds", 1) * policy.get("BackoffRate", 2.0) ** (attempts - 1))
    return None


def exception_type(error_code: str, reason: str) -> str | None:
    """The exception type of a refused Create (by its error code) or a failed job (by its FailureReason)."""
    if error_code:
        return {
            "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
            "ThrottlingException": "Step.THROTTLING",
            "InternalFailure": "Step.SERVICE_FAULT",
        }.get(error_code)
    if reason.startswith("InternalServerError"):
        return "SageMaker.JOB_INTERNAL_ERROR"
    return "SageMaker.CAPACITY_ERROR" if reason.startswith("CapacityError") else None
