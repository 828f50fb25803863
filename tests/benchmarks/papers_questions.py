"""The questions of `make benchmark-papers`: their rows, features, published figures and candidates."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from config.use_case import UseCase, load_use_case
from tabular.checks import check
from tabular.contract import Contract
from tasks import model_contract
from tasks.first_use_case.draft import first_use_case

DATA = Path(os.environ.get("VISHWAOPS_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
SEED = 7
GRADES = {
    "A": ((), "G2"),
    "B": (("G2",), "G1"),
    "C": (("G1", "G2"), None),
}
"""The settings of Cortez and Silva: the columns that are left out, and the naive prediction; None for the mean."""
SUBJECTS = {"Mat": "student-mat.csv", "Por": "student-por.csv"}
DROPOUT = "uci697_dropout.csv"
FILES = (*SUBJECTS.values(), DROPOUT)
CORTEZ = {
    "Mat A": {"NV": 2.01, "NN": 2.05, "SVM": 2.09, "DT": 1.94, "RF": 1.75},
    "Mat B": {"NV": 2.80, "NN": 2.82, "SVM": 2.90, "DT": 2.67, "RF": 2.46},
    "Mat C": {"NV": 4.59, "NN": 4.41, "SVM": 4.37, "DT": 4.46, "RF": 3.90},
    "Por A": {"NV": 1.32, "NN": 1.36, "SVM": 1.35, "DT": 1.46, "RF": 1.32},
    "Por B": {"NV": 1.89, "NN": 1.88, "SVM": 1.87, "DT": 1.78, "RF": 1.79},
    "Por C": {"NV": 3.23, "NN": 2.79, "SVM": 2.76, "DT": 2.93, "RF": 2.67},
}
"""Table 5 of Cortez and Silva (2008): the RMSE of G3 in 20 runs of 10-fold cross-validation."""
REPLICATIONS = {"UCI 697, all 36": {"low": 0.72, "high": 0.75}, "UCI 697, at enrolment, 24": {"high": 0.56}}
"""Macro-F1 of replications on UCI 697 without leakage, by XGBoost."""
LATE = ("tuition_fees_up_to_date", "debtor")
"""Columns that are known only some time after enrolment, though replications keep them."""

Candidates = Mapping[str, tuple[str, dict[str, Any]]]


def _forest(share: float, leaf: int, trees: int = 100) -> tuple[str, dict[str, Any]]:
    return "random_forest", {"n_estimators": trees, "max_features": share, "min_samples_leaf": leaf}


_BOOSTED = "xgboost", {"n_estimators": 200, "max_depth": 2, "learning_rate": 0.05, "subsample": 0.8}
_LINEAR = "elastic_net", {"alpha": 0.1, "l1_ratio": 0.9}
_PARTS = {"forest": _forest(0.6, 3, trees=50), "xgboost": _BOOSTED, "elastic_net": _LINEAR}
OF_NUMBERS: Candidates = {
    "forest, a third of the features": _forest(0.33, 1),
    "forest, 60 % of the features": _forest(0.6, 3),
    "forest, all features": _forest(1.0, 5),
    "xgboost": _BOOSTED,
    "elastic net": _LINEAR,
    "network": ("neural_network", {"hidden_layer_sizes": [16], "alpha": 1.0, "early_stopping": True, "max_iter": 500}),
    "stack": ("stack", {"cv": 3, "of": {n: {"algorithm": a, "hyperparameters": h} for n, (a, h) in _PARTS.items()}}),
}
_TREES = {"n_estimators": 150, "max_depth": 4, "learning_rate": 0.1, "subsample": 0.8, "colsample_bytree": 0.6}
_SLOWER = {"n_estimators": 400, "max_depth": 5, "learning_rate": 0.03, "subsample": 0.8, "colsample_bytree": 0.4}
OF_CLASSES: Candidates = {
    "logistic": ("logistic_regression", {"C": 0.3, "max_iter": 1000, "class_weight": "balanced"}),
    "forest": ("random_forest", {"n_estimators": 100, "min_samples_leaf": 3, "class_weight": "balanced"}),
    "xgboost": ("xgboost", _TREES),
    "xgboost, balanced": ("xgboost", {**_SLOWER, "class_weight": "balanced"}),
}


@dataclass(frozen=True)
class Question:
    """A target to predict from n rows by features, and the published figures."""

    name: str
    contract: Contract
    frame: pd.DataFrame
    candidates: Candidates
    published: Mapping[str, float]
    naive: str | None = None
    """The column that is the naive prediction of a number. None: the mean, or the most frequent class."""

    @property
    def classes(self) -> bool:
        """Whether the target is a class: the metric is then macro-F1, else RMSE."""
        return bool(self.contract.classes)


def grades() -> Iterator[Question]:
    """Yield Cortez and Silva's six settings: every column of the file is a feature, as in the paper."""
    for subject, file in SUBJECTS.items():
        case = first_use_case(f"student_{subject.lower()}", str(DATA / file), "G3", "regression").use_case
        contract, frame = model_contract.contract(case), typed(case, DATA / file)
        for setting, (left_out, naive) in GRADES.items():
            name = f"{subject} {setting}"
            yield Question(name, with_all(case, contract, left_out), frame, OF_NUMBERS, CORTEZ[name], naive)


def dropout() -> Iterator[Question]:
    """Yield the three sets of features of UCI 697."""
    case = load_use_case("student_dropout")
    contract, frame = model_contract.contract(case), typed(case, DATA / DROPOUT)
    later = tuple(name for name in case.columns if name.startswith("curricular_units"))
    left_out = {"all 36": (), "at enrolment, 24": later, "at enrolment, 22": (*later, *LATE)}
    for features, unused in left_out.items():
        name = f"UCI 697, {features}"
        terms = with_all(case, contract, unused)
        yield Question(name, terms, frame, OF_CLASSES, REPLICATIONS.get(name, {}))


def with_all(case: UseCase, contract: Contract, left_out: tuple[str, ...]) -> Contract:
    """Return the contract with every column as a feature, sensitive ones too: papers use them all.

    The use case's derived features stay where their columns do.
    """
    unused = {contract.target, *left_out}
    features = tuple(column for name, column in model_contract.columns(case).items() if name not in unused)
    derived = tuple(each for each in contract.derived if not unused.intersection(case.sources_of(each.name)))
    inputs = (*features, *(each.column for each in derived))
    used = tuple(column.name for column in inputs) if derived else ()
    return replace(contract, features=features, derived=derived, used=used, seed=SEED)


def typed(case: UseCase, path: Path) -> pd.DataFrame:
    """Return the typed rows of a file, by the names of the schema. Raises ValueError when a row does not fit."""
    names = {column.header or name: name for name, column in case.columns.items()}
    cells = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
    rows = cells.rename(columns=lambda header: names.get(header.strip(), header.strip()))
    found = check(rows, list(case.columns.values()))
    if len(found.frame) != len(cells) or found.frame[case.target.column].isna().any():
        raise ValueError(f"{path.name}: expected {len(cells)} rows that fit the schema of {case.name}, found others")
    return found.frame.reset_index(drop=True)


def naive(question: Question, fitted: np.ndarray, predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the naive prediction of the rows at `predicted`, from those at `fitted`."""
    if question.naive:
        return np.asarray(question.frame[question.naive].iloc[predicted], dtype="float64")
    if question.classes:
        return np.full(len(predicted), np.bincount(truth[fitted]).argmax())
    return np.full(len(predicted), truth[fitted].mean())
