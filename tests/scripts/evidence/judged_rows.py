"""Builders of judged rows: of given answers, and of a small model that answers itself."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.calibration.file import Calibration
from tabular.contract import Contract
from tabular.evidence.judged import JudgedRows
from tests.scripts.models import contract, rows, saved_model, small_model

INTERVALS = {"resamples": 1000, "level": 0.95}


def terms(classes: int, primary: str) -> Contract:
    """The contract of a target of so many classes; of 0 for a regression."""
    names = ("no", "yes", "maybe", "never")[:classes]
    task = {0: "regression", 2: "binary"}.get(classes, "multiclass")
    return Contract("small", task, "passed", names, primary, (), 1)


def answered(
    truth: Sequence[float] | np.ndarray,
    output: np.ndarray,
    champion: np.ndarray | None = None,
    primary: str = "roc_auc",
    threshold: float | None = None,
    **rules: Any,
) -> JudgedRows:
    """Rows with these true classes or values and these answers. `rules` are keys of the use case's `evaluation`."""
    known = terms(output.shape[1] if output.ndim > 1 else 0, primary)
    settings = {"evaluation": {"intervals": INTERVALS, **rules}}
    before = None if champion is None else JudgedRows(known, np.asarray(truth), champion, {}, settings=settings)
    calibration = None if threshold is None else Calibration(len(truth), threshold)
    return JudgedRows(known, np.asarray(truth), output, {}, calibration, settings, champion=before)


def binary(rows: int, shift: float = 1.2, seed: int = 1, share: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) true classes and (rows, 2) calibrated probabilities of scores that are `shift` apart between classes."""
    random = np.random.default_rng(seed)
    truth = (random.random(rows) < share).astype(int)
    scores = random.normal(0, 1, rows) + shift * truth
    positive = 1 / (1 + np.exp(-(shift * scores - shift**2 / 2 + np.log(share / (1 - share)))))
    return truth, np.column_stack([1 - positive, positive])


@lru_cache
def asked(algorithm: str, count: int = 200, is_compiled: bool = True) -> JudgedRows:
    """The answers of the small model, which can be asked again."""
    known = contract(algorithm)
    frame = rows(known, count, seed=4)
    if is_compiled:
        with TemporaryDirectory() as folder:
            compiled = saved_model(Path(folder), algorithm)
        model = Artefact(None, known, (0.5, 0.5), compiled)
    else:
        model = small_model(algorithm)
    return JudgedRows(known, contract_frames.outputs(known, frame), model.output(frame), {}, frame=frame, model=model)
