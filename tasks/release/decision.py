"""A person's decision about a version: approved, and then champion, or rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit
from tasks import champion as champions
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
    is_champion: bool

    def __str__(self) -> str:
        after = f"; it is not the champion: {self.not_promoted}" if self.not_promoted else ""
        if self.is_champion:
            stays = "stays the champion until another version is: vishwaops rollback"
            after = f"; it {stays if self.status == 'Rejected' else 'is the champion now'}"
        return f"version {self.version} is {self.status}{after}"


def decide(
    use_case: UseCase, version: int, *, approve: bool, name: str, reason: str, overrule: bool = False
) -> Decision:
    """Approve a waiting version and make it champion, or reject it. A repeated call changes nothing.

    `name` is the person's. Raises GateError when the version does not exist, or when it does not wait for a decision: a
    gate has rejected it, or a person has decided otherwise. With `overrule`, such a decision is replaced.
    """
    package = champions.require_version(use_case, version)
    arn = package["ModelPackageArn"]
    status: registry.Status = "Approved" if approve else "Rejected"
    description = registry.described(f"{status.lower()} by {name}: {reason}")
    decides = _is_open(use_case, package, status, overrule=overrule)
    if decides:
        registry.set_by_person(arn, status, description)
    if decides or package.get("ApprovalDescription") == description:  # else killed before the entry was written
        _record(use_case, status, {"version": str(version), "model_package_arn": arn, "name": name, "reason": reason})
    refusal = None
    if approve:
        compared_with = registry.facts_of(package).get(champions.COMPARED_WITH)
        refusal = champions.promote(use_case, package, compared_with, description)
    now = champions.find(use_case)
    champion = now is not None and now.model_package_arn == arn
    decided = Decision(version, status, description, refusal, arn, champion)
    log.info("register  %s", decided)
    return decided


def _is_open(use_case: UseCase, package: Mapping[str, Any], wanted: registry.Status, *, overrule: bool) -> bool:
    """Whether the version gets this status now; False when a person has given it before. Raises GateError."""
    status, by_person = package["ModelApprovalStatus"], registry.decided_by_person(package)
    if status == wanted and by_person:
        return False
    if overrule or status == registry.PENDING:
        return True
    version, by = package["ModelPackageVersion"], "a person" if by_person else "the gates"
    found = f"version {version}, which is {status} by {by}: {package.get('ApprovalDescription', 'no reason given')}"
    remedy = "" if status == wanted else f". To overrule that: {champions.how_to_decide(use_case, version, status)}"
    raise GateError(f"{use_case.name}: expected a version that waits for a decision, found {found}{remedy}")


def _record(use_case: UseCase, status: registry.Status, facts: Mapping[str, str]) -> None:
    """Append a person's decision to the audit log, unless it is the last one there about this version."""
    action = "approve" if status == "Approved" else "reject"
    entries = audit.entries_of_version(use_case.name, facts["model_package_arn"])
    decisions = [(entry["action"], entry["facts"]) for entry in entries if "name" in entry["facts"]]
    if decisions[-1:] != [(action, dict(facts))]:
        audit.append(use_case, action, facts)
