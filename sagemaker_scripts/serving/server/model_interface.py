"""What the loader and a worker need of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from serving.invocation import Answer, Invocation


class Model(Protocol):
    """A loaded model."""

    @property
    def digest(self) -> str:
        """Identifies the model."""

    def answer(self, request: Invocation) -> Answer:
        """Answer one request."""

    def answer_together(self, requests: Sequence[Invocation]) -> list[Answer]:
        """Answer several requests, as `answer` does each. If it raises, each is answered alone."""

    def warm_up(self) -> None:
        """Do once what would make the first request slow."""

    def openapi(self) -> Mapping[str, Any]:
        """Describe the server's interface for this model."""
