"""One check of Model Monitor or Clarify, and the key of the use case that takes its place."""

from dataclasses import dataclass
from typing import Literal

State = Literal["has it", "differs", "to add", "always", "not mapped"]
"""`has it`: the use case checks the same, or more strictly. `differs`: it has the key with another value. `to add`: it
lacks the key. `always`: it is checked without a key. `not mapped`: nothing takes its place."""


@dataclass(frozen=True)
class Mapped:
    """A check, what the document says of it, and what the use case has."""

    check: str
    found: str
    state: State
    key: str = ""
    """The key of the YAML, with the value that corresponds to the document."""
    note: str = ""
    """What differs, or why nothing takes its place."""


def compared(check: str, found: str, key: str, *, same: bool, there: bool, now: str = "") -> Mapped:
    """Return a check whose key the use case has with the same effect, has with another value `now`, or lacks."""
    state: State = "has it" if same else "differs" if there else "to add"
    return Mapped(check, found, state, key, "" if same or not there else f"the use case has {now}")
