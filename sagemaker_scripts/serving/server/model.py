"""Loads the model that the workers answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.server.work import Reply, Work
from tabular import pandas_in_arrow

pandas_in_arrow.disable()

from serving.answer import answer  # noqa: E402 - Arrow would import pandas

if TYPE_CHECKING:
    from pathlib import Path

    from serving.model import Model

_WARM_UP = (
    Work(b'{"instances": [{}]}', "application/json", "application/json"),
    Work(b"a\n1\n", "text/csv", "text/csv"),
)


@dataclass(frozen=True)
class ServedModel:
    """A loaded model, as a worker uses it."""

    model: Model

    @property
    def digest(self) -> str:
        """Identifies the model."""
        return self.model.digest

    def answer(self, work: Work) -> Reply:
        """Answer one request."""
        found = answer(self.model, work.body, work.content_type, work.accept)
        return Reply(found.status, found.body, found.content_type, found.headers)

    def answer_together(self, works: Sequence[Work]) -> list[Reply] | None:
        """Answer several requests by one prediction, as `answer` does each. None where they cannot be."""
        return None

    def warm_up(self) -> None:
        """Answer requests that do not fit, so that what is imported and cached then is there before the fork."""
        for work in _WARM_UP:
            self.answer(work)

    def openapi(self) -> Mapping[str, Any]:
        """Describe the server's interface for this model."""
        return {"openapi": "3.1.0", "info": {"title": "model", "version": self.digest[:16]}, "paths": {}}


def load(folder: Path) -> ServedModel:
    """Load the model in a folder. Raises OSError or ValueError, saying what is missing or not as expected."""
    from serving.plain_model import PlainModel
    from tabular.artefact import Artefact
    from tabular.threads import use_one_thread

    artefact = Artefact.load(folder)
    use_one_thread(artefact.pipeline)
    return ServedModel(PlainModel(artefact))
