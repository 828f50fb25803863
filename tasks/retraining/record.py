"""The record of a retraining."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Outcome = Literal["approved", "refused", "pending", "failed", "nothing new", "not started"]
"""How a retraining ended. `refused`: by the validation of the rows, by a gate, or by a person. `pending`: a person is
asked. `not started`: by the policy; it has no record in S3."""
FINAL = ("approved", "refused", "nothing new")
"""The outcomes after which the same event does nothing more."""


class RetrainingRecord(BaseModel):
    """A retraining: why it ran and how it ended. Its object in S3 changes by conditional writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use_case: str
    number: int
    """From 1, in the order of their starts; 0 for one that was not started."""
    events: tuple[str, ...]
    """The id of the event that started it, and of those that continued it after its process was killed."""
    reason: str
    """Why it ran, without any value of a row."""
    started: AwareDatetime
    continued: AwareDatetime | None = None
    """When a process continued it last."""
    champion: int | None = None
    """The version of the champion before it."""
    run: str | None = None
    """The run with its stages."""
    flow_run: str | None = None
    """Prefect's id of the flow run."""
    host: str = ""
    """`host`, `pid` and `process_started` are of the process that began it, or continued it last."""
    pid: int = 0
    process_started: str = ""
    trained: AwareDatetime | None = None
    """When its training began; None if nothing was trained."""
    ended: AwareDatetime | None = None
    outcome: Outcome | None = None
    """None while it is in progress, and after its process was killed."""
    why: tuple[str, ...] = ()
    """The reasons of the outcome."""
    version: int | None = None
    """The version that it registered."""

    @property
    def counts(self) -> bool:
        """Whether it counts for the cool-down and the daily limit."""
        return self.trained is not None or self.outcome == "failed"

    @property
    def active(self) -> datetime:
        """When a process began, or continued, it."""
        return self.continued or self.started

    @property
    def headline(self) -> str:
        what = f"version {self.version} " if self.version else ""
        return f"{what}{self.outcome or 'in progress'}" + (f": {'; '.join(self.why)}" if self.why else "")
