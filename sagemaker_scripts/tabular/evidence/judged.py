"""The held-out rows of an evaluation with a model's answers: what each kind of evidence reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tabular.calibration.file import Calibration
from tabular.calibration.threshold import decide
from tabular.contract import Contract
from tabular.metrics import score
from tabular.weighted_metrics import WeightedMetrics, weighted_metrics

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from tabular.artefact import Artefact


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """n held-out rows with a model's answers."""

    contract: Contract
    truth: np.ndarray
    """(n,) class numbers, or floats for a regression."""
    output: np.ndarray
    """(n, classes) probabilities, or (n,) floats."""
    columns: "Mapping[str, pa.Array]"
    """The (n,) values of every stored column of the rows, sensitive ones too."""
    calibration: Calibration | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The use case's keys `evaluation` and `training`, and others that a kind of evidence reads."""
    frame: "pd.DataFrame | None" = None
    """The typed features of the rows, as `read_channel` returns them; None in evidence of answers alone."""
    model: "Artefact | None" = None
    """The model that gave the answers, for evidence that predicts again."""
    champion: "JudgedRows | None" = None
    """The same rows with the champion's answers."""
    history: "Mapping[str, pa.Array]" = field(default_factory=dict)
    """The columns of the training and validation rows that baselines are learned from; empty where no kind has any."""

    @property
    def rules(self) -> Mapping[str, Any]:
        """The use case's `evaluation`."""
        return self.settings.get("evaluation") or {}

    @cached_property
    def decided(self) -> np.ndarray:
        """The (n,) class numbers that the model decides on: by the threshold for a binary task, else argmax.

        The output of a regression.
        """
        return decide(self.output, self.calibration.threshold if self.calibration else None)

    @cached_property
    def metrics(self) -> WeightedMetrics:
        """The metrics of the answers for any weighting of the rows."""
        return weighted_metrics(self.contract.task, self.truth, self.output, self.decided)

    @cached_property
    def scores(self) -> dict[str, float]:
        """The metrics of the answers: see `tabular.metrics.score`."""
        return score(self.contract.task, self.truth, self.output, self.decided)
