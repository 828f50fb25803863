"""The model that the workers answer with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabular import pandas_in_arrow, signed_files

pandas_in_arrow.disable()  # before the first import of Arrow's users

from serving.answer import answer  # noqa: E402
from serving.examples import example_row  # noqa: E402
from serving.invocation import Answer, Invocation  # noqa: E402
from serving.media_types import CSV, JSON  # noqa: E402
from serving.openapi import description  # noqa: E402
from serving.together import answer_together  # noqa: E402
from tabular.compiled.model import CompiledModel  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN_DIGITS = 16


@dataclass(frozen=True)
class ServedModel:
    """A loaded model, as a worker uses it."""

    model: CompiledModel

    @property
    def digest(self) -> str:
        """Identifies the model."""
        return self.model.digest

    def answer(self, request: Invocation) -> Answer:
        """Answer one request."""
        return answer(self.model, *request)

    def answer_together(self, requests: Sequence[Invocation]) -> list[Answer]:
        """Answer several requests, as `answer` does each, by one prediction where that is possible."""
        return answer_together(self.model, requests)

    def warm_up(self) -> None:
        """Answer requests, so that the first client does not wait for what is imported or made once."""
        self.model.warm_up()
        row = json.dumps({"instances": [example_row(self.model.contract)]}).encode()
        bodies = ((row, JSON), (b'{"instances": [{}]}', JSON), (b"a\n1\n", CSV))
        for body, kind in bodies:
            self.answer(Invocation(body, kind, kind))

    def openapi(self) -> Mapping[str, Any]:
        """Describe the server's interface for this model."""
        return description(self.model.contract, self.digest[:_SHOWN_DIGITS])


def load(folder: Path) -> ServedModel:
    """Load the model in a folder. Raises OSError or ValueError that names what is missing or not as expected."""
    signed_files.require(folder)
    return ServedModel(CompiledModel.load(folder))
