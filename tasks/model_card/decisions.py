"""Who approved a version and why: the registry's status, and the entries of the audit log about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.use_case import UseCase
from tasks import audit
from tasks.sagemaker import registry

WORDS = {"Approved": "approved", "Rejected": "rejected", registry.PENDING: "pending"}


@dataclass(frozen=True)
class Entry:
    """An entry of the audit log about a version."""

    number: int
    at: str
    who: str
    action: str
    reason: str


@dataclass(frozen=True)
class Decisions:
    """The approval of a version, and its history, oldest entry first."""

    status: str
    """`approved`, `rejected` or `pending`."""
    reason: str
    by_person: bool
    """Whether a person has set the status, not the use case's rules."""
    entries: tuple[Entry, ...]

    @property
    def decided(self) -> Entry | None:
        """The last entry that approves or rejects the version."""
        found = [entry for entry in self.entries if entry.action in ("approve", "reject")]
        return found[-1] if found else None


def decisions(use_case: UseCase, package: Mapping[str, Any]) -> Decisions:
    """Return the approval of a package. Raises GateError when the audit log was changed outside of VishwaOps."""
    return Decisions(
        status=WORDS[package["ModelApprovalStatus"]],
        reason=package.get("ApprovalDescription", "no reason given"),
        by_person=registry.decided_by_person(package),
        entries=tuple(map(_entry, audit.entries_of_version(use_case.name, package["ModelPackageArn"]))),
    )


def _entry(found: Mapping[str, Any]) -> Entry:
    return Entry(found["number"], found["at"], found["who"], found["action"], found["facts"].get("reason", ""))
