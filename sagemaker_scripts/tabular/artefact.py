"""The contents of model.tar.gz: written by a training job, read by evaluation and endpoint, without pickle."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from tabular.contract import FILE as CONTRACT_FILE
from tabular.contract import Contract

MODEL_FILE = "model.skops"
BASELINE_FILE = "baseline.json"
CODE = ("inference.py", "requirements.txt", "serving", "tabular", "wheels")

TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.tree._tree.Tree",
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
        "xgboost.sklearn.XGBRegressor",
    }
)
"""The types that pipelines need in addition to skops' trusted types. A file with other types is refused."""


@dataclass(frozen=True)
class Artefact:
    """A trained pipeline, its contract, and the naive prediction."""

    pipeline: Any
    contract: Contract
    baseline: tuple[float, ...]
    """The naive prediction: the share of each class in the training rows, or the target's mean."""

    def save(self, folder: Path, code: Path) -> None:
        """Write the artefact to `folder`, with the serving scripts in `code`."""
        skops.io.dump(self.pipeline, folder / MODEL_FILE)
        (folder / CONTRACT_FILE).write_text(self.contract.json(), encoding="utf-8")
        (folder / BASELINE_FILE).write_text(json.dumps(self.baseline), encoding="utf-8")
        for name in CODE:
            source, target = code / name, folder / "code" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copyfile(source, target)

    @classmethod
    def load(cls, folder: Path) -> "Artefact":
        """Read the artefact in `folder`. Raises ValueError when its model has a type that is not trusted."""
        path = folder / MODEL_FILE
        if strange := set(skops.io.get_untrusted_types(file=path)) - TRUSTED:
            raise ValueError(f"{path}: refused: expected only trusted types, found {', '.join(sorted(strange))}")
        baseline = tuple(json.loads((folder / BASELINE_FILE).read_text(encoding="utf-8")))
        return cls(skops.io.load(path, trusted=sorted(TRUSTED)), Contract.read(folder), baseline)

    def output(self, frame: pd.DataFrame) -> np.ndarray:
        """Predict typed rows: (n, classes) probabilities, or (n,) floats for a regression."""
        return self.predict(self.features(frame))

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        """Encode typed rows: (n, encoded features) floats, the input of the pipeline's last step."""
        with np.errstate(over="ignore"):
            return np.asarray(self.pipeline[:-1].transform(self.contract.inputs(frame)), dtype="float64")

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Predict encoded rows: (n, classes) probabilities, or (n,) floats for a regression."""
        model = self.pipeline[-1]
        found = model.predict(features) if self.contract.task == "regression" else model.predict_proba(features)
        return np.asarray(found, dtype="float64")

    def naive_output(self, rows: int) -> np.ndarray:
        """Return the naive prediction for `rows` rows: the most frequent class, or the mean."""
        if self.contract.task == "regression":
            return np.full(rows, self.baseline[0])
        return np.tile(np.asarray(self.baseline), (rows, 1))
