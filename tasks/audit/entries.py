"""Entries of the audit log: JSON with one event each."""

import base64
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from config import settings
from config.errors import VishwaOpsError
from tasks import digests
from tasks.audit.tiles import LARGEST_ENTRY


@dataclass(frozen=True)
class Event:
    """What happened, before it has a place in the log."""

    id: str
    """Equal for the same event that a repeated run appends again."""
    action: str
    who: str
    at: datetime
    run: str | None
    code: str
    """The digest of the code of steps and jobs."""
    commit: str
    """The commit of the working copy; empty where git has none, as in the image of the flows."""
    facts: Mapping[str, str]


def event_id(action: str, facts: Mapping[str, str], once: str) -> str:
    """Return the id of an event."""
    return digests.of_json([action, dict(facts), once])


def encode(event: Event, number: int, before: bytes) -> bytes:
    """Return the entry of an event. It has its own number, and the root of the log before it.

    So an entry that was changed, removed or moved differs from its place. Raises VishwaOpsError for more than 65,535
    bytes, the limit of the layout.
    """
    content = {
        "number": number,
        "before": base64.b64encode(before).decode(),
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "who": event.who,
        "action": event.action,
        **({"run": event.run} if event.run else {}),
        "code": event.code,
        **({"commit": event.commit} if event.commit else {}),
        "facts": {name: text for name, text in event.facts.items() if text},
    }
    encoded = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if len(encoded) > LARGEST_ENTRY:
        raise VishwaOpsError(
            f"audit log, {event.action}: expected an entry of at most {LARGEST_ENTRY:,} bytes, found {len(encoded):,}. "
            "Shorten its reason"
        )
    return encoded


def decode(entry: bytes) -> dict[str, Any]:
    """Return the content of an entry. Raises ValueError when it is no JSON object with a number."""
    content = json.loads(entry)
    if not isinstance(content, dict) or not isinstance(content.get("number"), int):
        raise ValueError("expected a JSON object with a number, found another content")
    return content


@cache
def commit() -> str:
    """Return the commit of the working copy; empty where git has none."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=settings.PROJECT, capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
