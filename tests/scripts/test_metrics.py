import math
import warnings

import numpy as np
import pytest

from tabular.metrics import score, undefined

CLASSES = ("no", "yes", "maybe")


def even(rows: int, classes: int) -> np.ndarray:
    return np.full((rows, classes), 1 / classes)


@pytest.mark.parametrize(("task", "classes", "truth"), [("binary", 2, [1, 1, 1]), ("multiclass", 3, [0, 1, 0])])
def test_roc_auc_without_rows_of_every_class_is_undefined_with_a_reason(
    task: str, classes: int, truth: list[int]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = score(task, np.array(truth), even(3, classes))
    assert math.isnan(found.pop("roc_auc"))
    assert all(map(math.isfinite, found.values()))
    reasons = undefined(task, np.array(truth), CLASSES[:classes])
    absent = "no" if classes == 2 else "maybe"
    assert reasons == {"roc_auc": f"it needs rows of every class, found none of {absent} among 3"}


def test_r2_of_one_row_is_undefined() -> None:
    assert math.isnan(score("regression", np.array([1.0]), np.array([2.0]))["r2"])
    assert undefined("regression", np.array([1.0]), ()) == {"r2": "it needs two rows or more, found 1"}


def test_what_is_defined_has_no_reason() -> None:
    assert undefined("multiclass", np.array([0, 1, 2]), CLASSES) == {}
    assert score("multiclass", np.array([0, 1, 2]), np.eye(3))["roc_auc"] == 1
    assert score("binary", np.array([0, 1]), np.eye(2))["roc_auc"] == 1
    assert undefined("regression", np.array([1.0, 2.0]), ()) == {}


def test_predictions_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="predictions: expected finite numbers"):
        score("regression", np.array([1.0, 2.0]), np.array([1.0, np.inf]))
