"""A model that its fitted scikit-learn pipeline predicts with: the fallback of compiled models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular.compiled.files import sha256
from tabular.model_files import MODEL_FILE
from tabular.pipeline_model import PipelineModel
from tabular.series import series_of
from tabular.threads import use_one_thread


class PlainModel:
    """The encoder and the estimator of a pipeline."""

    def __init__(self, folder: Path) -> None:
        """Read the pipeline in `folder`. Raises ValueError when it has a type that is not trusted."""
        self._model = PipelineModel.load(folder)
        self.contract = self._model.contract
        self.digest = sha256((folder / MODEL_FILE).read_bytes())
        use_one_thread(self._model.pipeline)

    def encode(self, values: Mapping[str, Any], count: int) -> np.ndarray:
        """Return the (count, encoded) matrix of typed columns, as 64-bit floats."""
        frame = {column.name: series_of(values[column.name], pd.RangeIndex(count)) for column in self.contract.features}
        return self._model.features(pd.DataFrame(frame, index=pd.RangeIndex(count)))

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        return self._model.predict(encoded)

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Raise ValueError: the parts of a pipeline are not known."""
        raise ValueError("contributions: expected a compiled model; found one that its pipeline predicts with")
