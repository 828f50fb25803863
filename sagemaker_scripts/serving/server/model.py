"""The model as the workers use it: one narrow interface over the code that answers requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from serving.answer import answer
from tabular.artefact import Artefact
from tabular.threads import use_one_thread


@dataclass(frozen=True)
class ServedModel:
    """A loaded model. `digest` identifies it."""

    artefact: Artefact
    digest: str

    def answer(self, work: Work) -> Reply:
        """Answer one request."""
        found = answer(self.artefact, work.body, work.content_type, work.accept)
        return Reply(found.status, found.body.encode(), found.content_type)

    def answer_together(self, works: Sequence[Work]) -> list[Reply] | None:
        """Answer several requests by one prediction, as `answer` does each. None where they cannot be."""
        return None

    def warm_up(self) -> None:
        """Answer a request of one row, so that the first client does not wait for what is loaded then."""
        self.answer(Work(b'{"instances": [{}]}', "application/json", "application/json"))

    def openapi(self) -> dict[str, Any]:
        """Describe the server's interface for this model."""
        return {"openapi": "3.1.0", "info": {"title": "model", "version": self.digest[:16]}, "paths": {}}


def load(folder: Path) -> ServedModel:
    """Load the model in a folder. Raises OSError or ValueError, saying what is missing or not as expected."""
    artefact = Artefact.load(folder)
    use_one_thread(artefact.pipeline)
    return ServedModel(artefact, sha256((folder / "model.skops").read_bytes()).hexdigest())
