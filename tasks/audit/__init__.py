"""The audit log: who did what, when and with which code, one log for each use case in S3.

entries      events as JSON
merkle       RFC 6962's hashes
tiles        the files of c2sp.org/tlog-tiles
checkpoint   the signed state of a log (c2sp.org/tlog-checkpoint)
log          reads and appends
verification finds changed, removed and moved entries
proof        inclusion proofs (c2sp.org/tlog-proof)
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config.use_case import UseCase
from tasks import caller
from tasks.audit.entries import Event, commit, decode, event_id
from tasks.audit.log import Log
from tasks.heartbeats import current_run
from tasks.locations import audit
from tasks.signing.keys import signing_key

__all__ = ["append", "entries_of_version", "log_of"]

NAMES_A_VERSION = ("model_package_arn", "package")
"""The facts of an entry that name its version. Entries of earlier releases have `package`, and are never changed."""


def append(use_case: UseCase, action: str, facts: Mapping[str, str], *, once: str | None = None) -> int:
    """Append an event to the use case's audit log, and return its number, from 0.

    `action` is a verb, such as `register`, `approve`, `deploy`. Who acts, when, in which run and by which code is added
    here. `facts` says the rest: names of versions, ARNs, digests, the reason; no personal data of rows. The same action
    and facts with the same `once` are one event, also after a crash. Without `once`, they are one event within a run,
    and a new one each time outside of runs. Raises GateError when the log was changed outside of VishwaOps.
    """
    from tasks.steps import code_digest  # imports Prefect

    run = current_run()
    event = Event(
        id=event_id(action, facts, once or run or secrets.token_hex(16)),
        action=action,
        who=caller.person(),
        at=datetime.now(UTC),
        run=run,
        code=code_digest(),
        commit=commit(),
        facts=facts,
    )
    return log_of(use_case.name).append(event)


def log_of(use_case: str) -> Log:
    """Return the audit log of a use case, with the environment's signing key."""
    return Log(audit(use_case), signing_key("audit"))


def entries_of_version(use_case: str, model_package_arn: str) -> list[dict[str, Any]]:
    """Return the entries about a version, decoded, oldest first. Raises GateError as `Log.read`."""
    found = map(decode, log_of(use_case).read().entries)
    return [entry for entry in found if model_package_arn in map(entry["facts"].get, NAMES_A_VERSION)]
