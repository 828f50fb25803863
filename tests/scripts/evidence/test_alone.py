"""Columns that predict the target alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabular.columns import Column
from tabular.contract import Contract
from tabular.evidence import alone
from tabular.evidence.judged import JudgedRows
from tests.scripts.evidence.judged_rows import asked

ROWS = 400
RANDOM = np.random.default_rng(6)
HIDDEN = RANDOM.normal(0, 1, ROWS)
NOISE = RANDOM.normal(0, 1, ROWS)


def judged(task: str, truth: np.ndarray, **columns: object) -> JudgedRows:
    """Rows with these features. Their model is not asked."""
    classes = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": ()}[task]
    frame = pd.DataFrame(columns)
    kinds = ["number" if pd.api.types.is_numeric_dtype(frame[name]) else "category" for name in frame]
    features = tuple(Column(name, kind, nullable=True) for name, kind in zip(frame, kinds, strict=True))  # type: ignore[arg-type]
    known = Contract("small", task, "passed", classes, "roc_auc", features, 1)
    return replace(asked("ridge"), contract=known, truth=truth, output=truth, frame=frame)


def found(*arguments: object, **columns: object) -> dict[str, float]:
    evidence = alone.evidence(judged(*arguments, **columns))  # type: ignore[arg-type]
    assert evidence
    return dict(evidence["columns"])


def test_a_column_that_tells_the_class_is_found_in_any_form() -> None:
    truth = (HIDDEN > 0.3).astype(int)
    columns = found(
        "binary", truth, ordered=HIDDEN, reversed=-HIDDEN,
        middle=np.where(truth == 1, NOISE / 50, np.sign(NOISE) + NOISE),
        word=np.where(truth == 1, "graduated", "left"), with_gaps=np.where(truth == 1, np.nan, NOISE),
        chance=NOISE, noisy=HIDDEN + NOISE / 2,
    )  # fmt: skip
    assert columns["ordered"] == columns["reversed"] == 1
    assert columns["word"] > 0.999
    assert columns["with_gaps"] > 0.999
    assert columns["middle"] > 0.95
    assert 0.4 < columns["chance"] < 0.65
    assert 0.85 < columns["noisy"] < 0.99


def test_a_column_of_unique_values_tells_nothing() -> None:
    truth = (HIDDEN > 0).astype(int)
    columns = found("binary", truth, name=np.array([f"person {row}" for row in range(ROWS)], dtype=object))
    assert columns["name"] == pytest.approx(0.5, abs=0.1)


def test_a_column_that_tells_one_of_three_classes_is_no_leak_and_one_that_tells_all_is() -> None:
    truth = np.digitize(HIDDEN, [-0.5, 0.5])
    columns = found(
        "multiclass", truth, every=np.array(["x", "y", "z"], dtype=object)[truth],
        one=np.where(truth == 0, "x", "other"),
    )  # fmt: skip
    assert columns["every"] > 0.999
    assert columns["one"] < 0.9


def test_a_number_that_determines_the_predicted_number_is_found() -> None:
    truth = 10 + 3 * HIDDEN
    columns = found(
        "regression", truth, scaled=HIDDEN * 100, bent=np.exp(HIDDEN), chance=NOISE, noisy=HIDDEN + NOISE,
    )  # fmt: skip
    assert columns["scaled"] == pytest.approx(1)
    assert columns["bent"] == pytest.approx(1)
    assert columns["chance"] < 0.1
    assert 0.3 < columns["noisy"] < 0.7


def test_few_rows_give_no_evidence() -> None:
    assert alone.evidence(judged("regression", HIDDEN[:49], column=HIDDEN[:49])) is None
    truth = np.r_[np.ones(19, int), np.zeros(81, int)]
    assert alone.evidence(judged("binary", truth, column=truth.astype(float))) is None


def test_the_columns_of_a_model_are_ranked() -> None:
    evidence = alone.evidence(asked("logistic_regression"))
    assert evidence
    assert evidence["metric"] == "roc_auc"
    assert next(iter(evidence["columns"].items())) == ("hours", 1.0)
