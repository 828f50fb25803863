"""The contents of model.tar.gz: written by a training job, read by evaluation and endpoint, without pickle."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.calibration.threshold import decide
from tabular.contract import FILE as CONTRACT_FILE
from tabular.contract import Contract
from tabular.model_files import BASELINE_FILE, CODE, COMPILED_FILE, PLAIN

if TYPE_CHECKING:
    import pandas as pd

    from tabular.compiled.model import CompiledModel
    from tabular.pipeline_model import PipelineModel


@dataclass(frozen=True)
class Artefact:
    """A trained pipeline, its contract, and the naive prediction."""

    pipeline: Any
    """The fitted pipeline; None for an artefact that was loaded with its compiled form."""
    contract: Contract
    baseline: tuple[float, ...]
    """The naive prediction: the share of each class in the training rows, or the target's mean."""
    compiled: "CompiledModel | None" = None
    """The compiled model, which predicts instead of the pipeline."""
    calibration: Calibration | None = None
    """What it learnt from the validation rows; None for a model from before calibrations."""

    def save(self, folder: Path, code: Path) -> None:
        """Write the artefact to `folder`, with the serving scripts in `code`."""
        from tabular.pipeline_model import PipelineModel  # imports scikit-learn and pandas

        PipelineModel(self.pipeline, self.contract).save(folder)
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
        """Read the artefact in `folder`: its compiled model, or else its pipeline.

        Raises ValueError when the pipeline has a type that is not trusted, or a file of the compiled model differs.
        """
        if not is_compiled(folder):
            return cls.load_pipeline(folder)
        from tabular.compiled.model import CompiledModel

        model = CompiledModel.load(folder)
        return cls(None, model.contract, _baseline(folder), model, calibration_file.read(folder))

    @classmethod
    def load_pipeline(cls, folder: Path) -> "Artefact":
        """Read the artefact in `folder` with its pipeline. Raises ValueError when it has a type that is not trusted."""
        from tabular.pipeline_model import PipelineModel  # imports scikit-learn and pandas

        found = PipelineModel.load(folder)
        return cls(found.pipeline, found.contract, _baseline(folder), calibration=calibration_file.read(folder))

    def output(self, frame: "pd.DataFrame") -> np.ndarray:
        """Predict typed rows: (n, classes) probabilities, or (n,) floats for a regression."""
        return self.predict(self.features(frame))

    def features(self, frame: "pd.DataFrame") -> np.ndarray:
        """Encode typed rows: (n, encoded features) floats, the input of the estimator."""
        if self.compiled:
            from tabular.compiled.columns_of import columns_of  # imports pandas

            return self.compiled.encode(columns_of(frame, self.contract.features), len(frame))
        return self._plain().features(frame)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Predict encoded rows: (n, classes) probabilities, or (n,) floats for a regression."""
        if self.compiled:
            return self.compiled.predict(features)
        return self._plain().predict(features)

    def decide(self, output: np.ndarray) -> np.ndarray:
        """Return the (n,) class numbers that (n, classes) probabilities decide on, by the threshold if there is one.

        (n,) predictions of a regression are returned as they are.
        """
        return decide(output, self.calibration.threshold if self.calibration else None)

    def _plain(self) -> "PipelineModel":
        from tabular.pipeline_model import PipelineModel

        return PipelineModel(self.pipeline, self.contract)

    def naive_output(self, rows: int) -> np.ndarray:
        """Return the naive prediction for `rows` rows: the most frequent class, or the mean."""
        if self.contract.task == "regression":
            return np.full(rows, self.baseline[0])
        return np.tile(np.asarray(self.baseline), (rows, 1))


def _baseline(folder: Path) -> tuple[float, ...]:
    return tuple(json.loads((folder / BASELINE_FILE).read_text(encoding="utf-8")))


def is_compiled(folder: Path) -> bool:
    """Whether the artefact in `folder` has a compiled model that predicts, not the pipeline."""
    path = folder / COMPILED_FILE
    return path.is_file() and json.loads(path.read_bytes())["estimator"]["kind"] != PLAIN
