"""What a worker asks of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class Work(NamedTuple):
    """A request: its body, its Content-Type and its Accept."""

    body: bytes
    content_type: str
    accept: str


class Reply(NamedTuple):
    """The answer to a request, and the number of rows that it predicts."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = {}
    rows: int = 0


class Model(Protocol):
    """A loaded model."""

    @property
    def digest(self) -> str:
        """Identifies the model."""

    def answer(self, work: Work) -> Reply:
        """Answer one request."""

    def answer_together(self, works: Sequence[Work]) -> list[Reply] | None:
        """Answer several requests by one prediction, as `answer` does each. None where they cannot be."""

    def warm_up(self) -> None:
        """Do once what would make the first request slow."""

    def openapi(self) -> Mapping[str, Any]:
        """Describe the server's interface for this model."""
