"""The outcome of the last release of a use case, stored in S3."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasks import locations, storage

Outcome = Literal["released", "refused", "rolled back", "retired", "stopped"]

SECONDS_AN_HOUR = 3600


class LastRelease(BaseModel):
    """Which version was released last, and how that ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use_case: str
    version: int | None
    """None where nothing was served."""
    outcome: Outcome
    reason: str
    at: datetime
    dollars_an_hour: float | None = None
    """What a stopped endpoint would cost."""

    def saved(self, now: datetime) -> float | None:
        """What a stopped endpoint has saved so far, in USD; None where that is not known."""
        if self.outcome != "stopped" or self.dollars_an_hour is None:
            return None
        return self.dollars_an_hour * (now - self.at).total_seconds() / SECONDS_AN_HOUR

    def __str__(self) -> str:
        version = f"version {self.version} " if self.version else ""
        return f"{version}{self.outcome} at {self.at:%Y-%m-%d %H:%M} UTC" + (f": {self.reason}" if self.reason else "")


def save(
    use_case: str, version: int | None, outcome: Outcome, reason: str = "", dollars_an_hour: float | None = None
) -> LastRelease:
    """Store how a release ended, in place of the one before."""
    last = LastRelease(
        use_case=use_case,
        version=version,
        outcome=outcome,
        reason=reason,
        at=datetime.now(UTC),
        dollars_an_hour=dollars_an_hour,
    )
    storage.put(locations.release(use_case), last.model_dump_json(indent=1).encode())
    return last


def find_last(use_case: str) -> LastRelease | None:
    """Return the outcome of the last release, or None before the first."""
    uri = locations.release(use_case)
    try:
        return storage.parsed(uri, storage.get(uri), LastRelease)
    except FileNotFoundError:
        return None


def is_unfinished(use_case: str, version: int) -> bool:
    """Whether the outcome is older than the release of this version, which is served: a process was killed before it
    stored one. The outcome of a failed release stays, although the version before it is served."""
    last = find_last(use_case)
    if last is None or last.outcome in ("retired", "stopped"):
        return True
    return last.outcome == "released" and last.version != version
