"""What became of the version that a retraining registered."""

from config.use_case import UseCase
from tasks.platform import platform
from tasks.references import Release
from tasks.retraining.record import Outcome
from tasks.sagemaker import registry

OUTCOMES: dict[str, Outcome] = {"Approved": "approved", "Rejected": "refused", registry.PENDING: "pending"}
"""By the version's approval status in the registry."""


def decision_of(use_case: UseCase, release: Release) -> tuple[Outcome, tuple[str, ...]]:
    """Return the outcome of a release and its reasons. A version that waited has what a person has decided since."""
    if not release.pending:
        return "approved" if release.approved else "refused", release.reasons
    status, description = status_of(use_case, release.version)
    return OUTCOMES[status], (description,) if description else release.reasons


def status_of(use_case: UseCase, version: int) -> tuple[str, str]:
    """Return the approval status of a version and the reason for it. One that no longer exists is rejected."""
    package = registry.find_version(platform().model_package_group(use_case.name), version)
    if package is None:
        return "Rejected", "the version was deleted"
    return package["ModelApprovalStatus"], package.get("ApprovalDescription", "")
