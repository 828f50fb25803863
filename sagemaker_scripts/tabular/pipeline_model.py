"""A fitted scikit-learn pipeline that predicts typed rows, stored by skops, without pickle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from tabular import contract_frames
from tabular.contract import Contract
from tabular.model_files import MODEL_FILE
from tabular.skops_files import dump

TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "tabular.engineered.reduction.Reduction",
        "tabular.engineered.selection.Selection",
        "tabular.engineered.target_encoding.TargetEncoding",
        "tabular.engineered.transformers.Bins",
        "tabular.engineered.transformers.Counts",
        "tabular.engineered.transformers.Keys",
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
        "xgboost.sklearn.XGBRegressor",
    }
)
"""The types that pipelines need in addition to skops' trusted types. A file with other types is refused."""


@dataclass(frozen=True)
class PipelineModel:
    """A pipeline and its contract."""

    pipeline: Any
    contract: Contract

    def save(self, folder: Path) -> None:
        """Write the pipeline to `folder`."""
        dump(self.pipeline, folder / MODEL_FILE)

    @classmethod
    def load(cls, folder: Path) -> "PipelineModel":
        """Read the pipeline and the contract in `folder`. Raises ValueError when it has a type that is not trusted."""
        path = folder / MODEL_FILE
        if strange := set(skops.io.get_untrusted_types(file=path)) - TRUSTED:
            raise ValueError(f"{path}: refused: expected only trusted types, found {', '.join(sorted(strange))}")
        return cls(skops.io.load(path, trusted=sorted(TRUSTED)), Contract.read(folder))

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        """Encode typed rows: (n, encoded features) floats, the input of the pipeline's last step."""
        with np.errstate(over="ignore"):
            inputs = contract_frames.inputs(self.contract, frame)
            return np.asarray(self.pipeline[:-1].transform(inputs), dtype="float64")

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Predict encoded rows: (n, classes) probabilities, or (n,) floats for a regression."""
        model = self.pipeline[-1]
        found = model.predict(features) if self.contract.task == "regression" else model.predict_proba(features)
        return np.asarray(found, dtype="float64")
