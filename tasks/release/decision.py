"""A person's decision about a version that waits for it: approved, and then champion, or rejected."""

from dataclasses import dataclass
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit
from tasks import champion as champions
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker import registry


@dataclass(frozen=True)
class Decision:
    """What a person has decided, and whether the version is champion now."""

    version: int
    status: registry.Status
    description: str
    not_promoted: str | None
    """Why an approved version is not the champion."""
    model_package_arn: str

    def __str__(self) -> str:
        after = "" if self.status == "Rejected" else "; it is the champion now"
        return f"version {self.version} is {self.status}" + (
            f"; it is not the champion: {self.not_promoted}" if self.not_promoted else after
        )


def decide(use_case: UseCase, version: int, *, approve: bool, name: str, reason: str) -> Decision:
    """Approve a waiting version and make it champion, or reject it. A repeated call changes nothing.

    `name` is the person's. Raises GateError when the version does not exist, or does not wait for a decision: a gate
    has rejected it, or a person has decided otherwise.
    """
    package = _waiting(use_case, version, approve=approve)
    arn = package["ModelPackageArn"]
    status: registry.Status = "Approved" if approve else "Rejected"
    description = registry.described(f"{status.lower()} by {name}: {reason}")
    if package["ModelApprovalStatus"] == registry.PENDING:
        registry.set_by_person(arn, status, description)
        facts = {"version": str(version), "package": arn, "name": name, "reason": reason}
        audit.append(use_case, "approve" if approve else "reject", facts, once=arn)
    refusal = None
    if approve:
        compared_with = registry.facts_of(package).get(champions.COMPARED_WITH)
        refusal = champions.promote(use_case, package, compared_with, description)
    decided = Decision(version, status, description, refusal, arn)
    log.info("register  %s", decided)
    return decided


def _waiting(use_case: UseCase, version: int, *, approve: bool) -> dict[str, Any]:
    """Describe the version. One that a person has decided on in the same way is fine too."""
    group = platform().model_package_group(use_case.name)
    package = registry.find_version(group, version)
    if package is None:
        known = ", ".join(str(found["ModelPackageVersion"]) for found in registry.newest_packages(group, limit=10))
        raise GateError(
            f"{use_case.name}: expected a version of the model package group {group} (the newest: {known or 'none'}), "
            f"found {version}"
        )
    status, wanted = package["ModelApprovalStatus"], "Approved" if approve else "Rejected"
    if status == registry.PENDING or (status == wanted and registry.decided_by_person(package)):
        return package
    by = "a person" if registry.decided_by_person(package) else "the gates"
    raise GateError(
        f"{use_case.name}: expected a version that waits for a decision, found version {version}, which is {status} by "
        f"{by}: {package.get('ApprovalDescription', 'no reason given')}. To overrule that: aws sagemaker "
        f"update-model-package --model-approval-status {wanted} --model-package-arn {package['ModelPackageArn']}"
    )
