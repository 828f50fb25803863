"""What a fitted pipeline selects: for the job's log, and for the record in model.tar.gz."""

import json
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from tabular.compiled.fitted import steps_of
from tabular.compiled.steps import EngineeredStep, Step, width
from tabular.contract import Contract
from tabular.engineered.choice import REDUCTION, SELECTION

FILE = "selection.json"
"""The record in model.tar.gz; absent where a model takes every encoded feature as it is."""


@dataclass(frozen=True)
class SelectedFeatures:
    """The encoded features that a model takes."""

    encoded: int
    """Their number before the selection."""
    kept: int
    left_out: tuple[str, ...]
    """The features of which nothing is kept, in the order of the contract."""
    components: int | None
    """The number of principal components that replace the kept ones; None for no reduction."""

    @property
    def headline(self) -> str:
        """The selection in one line of a log."""
        without = f", without {', '.join(self.left_out)}" if self.left_out else ""
        reduced = f"; {self.components} principal components of them" if self.components else ""
        return f"Selected: {self.kept} of {self.encoded} encoded features{without}{reduced}"

    def write(self, folder: Path) -> None:
        """Write the record to `folder`."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def selected_features(pipeline: Pipeline, contract: Contract, absent: Collection[str]) -> SelectedFeatures | None:
    """Return what a fitted pipeline selects; None if it takes every encoded feature as it is.

    `absent` has the columns and features that it does not encode.
    """
    selection, reduction = (pipeline.named_steps.get(name) for name in (SELECTION, REDUCTION))
    if selection is None and reduction is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        steps = steps_of(pipeline["features"], {}, Path(folder))
    kept = np.arange(width(steps)) if selection is None else selection.kept_
    features = _features(steps, [each.name for each in contract.engineered if each.name not in absent])
    left_out = tuple(name for name, places in features.items() if not places & set(kept.tolist()))
    return SelectedFeatures(
        width(steps), len(kept), left_out, None if reduction is None else len(reduction.components_)
    )


def _features(steps: list[Step], engineered: list[str]) -> dict[str, set[Any]]:
    """Return the places of each feature in the encoded matrix, by its name."""
    names = iter(engineered)
    return {next(names) if isinstance(step, EngineeredStep) else step.columns[0]: set(step.places) for step in steps}
