"""The steps between the encoding and the model: which encoded features it takes, and their reduction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tabular.contract import Contract
from tabular.engineered.reduction import Reduction
from tabular.engineered.selection import Selection

SELECTION, REDUCTION = "selection", "reduction"
"""The names of the steps, and their keys in the settings of a training job."""


@dataclass(frozen=True)
class Choice:
    """The keys `selection` and `reduction` of a use case's `training`; None for no such step."""

    selection: Mapping[str, Any] | None = None
    reduction: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Choice":
        """Return the choice in the settings `training` of a job."""
        return cls(settings.get(SELECTION), settings.get(REDUCTION))

    def steps(self, contract: Contract) -> list[tuple[str, Any]]:
        """Return the unfitted steps of a pipeline."""
        found: list[tuple[str, Any]] = []
        if self.selection:
            found.append((SELECTION, Selection(len(contract.classes), seed=contract.seed, **self.selection)))
        if self.reduction:
            found.append((REDUCTION, Reduction(**self.reduction)))
        return found


ALL = Choice()
"""Every encoded feature, as it is."""
