import math
import warnings

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from config.candidates import METRICS
from tabular.metrics import score, undefined

CLASSES = ("no", "yes", "maybe")


def even(rows: int, classes: int) -> np.ndarray:
    return np.full((rows, classes), 1 / classes)


def answers(classes: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) true classes and (rows, classes) probabilities, with equal ones."""
    random = np.random.default_rng(3)
    truth = random.integers(0, classes, rows)
    points = random.integers(1, 6, (rows, classes)) + 3 * np.eye(classes)[truth]
    return truth, points / points.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3])
def test_metrics_of_classes_are_those_of_scikit_learn(classes: int) -> None:
    truth, output = answers(classes)
    decided = output.argmax(axis=1) if classes > 2 else (output[:, 1] > 0.3).astype(int)
    task, average = ("binary", "binary") if classes == 2 else ("multiclass", "macro")
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(truth, decided, average=average)
    ranked, true = (output[:, 1], truth) if classes == 2 else (output, np.eye(classes)[truth])
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(truth, decided), "precision": precision, "recall": recall, "f1": f1,
        "roc_auc": sklearn_metrics.roc_auc_score(true, ranked),
        "pr_auc": sklearn_metrics.average_precision_score(true, ranked),
        "log_loss": sklearn_metrics.log_loss(truth, output),
        "brier": sklearn_metrics.brier_score_loss(truth, ranked),
    }  # fmt: skip
    found = score(task, truth, output, decided)
    assert found == pytest.approx(expected, rel=1e-12)
    assert [tuple(found)] == [metrics for kind, metrics in METRICS.items() if kind == task]


def test_metrics_of_numbers_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(1e6, 3, 200)
    output = truth + random.normal(0, 1, 200)
    found = score("regression", truth, output)
    assert found == pytest.approx(
        {
            "rmse": sklearn_metrics.root_mean_squared_error(truth, output),
            "mae": sklearn_metrics.mean_absolute_error(truth, output),
            "r2": sklearn_metrics.r2_score(truth, output),
            "mape": sklearn_metrics.mean_absolute_percentage_error(truth, output),
            "wape": np.abs(truth - output).sum() / np.abs(truth).sum(),
        },
        rel=1e-9,
    )
    assert tuple(found) == METRICS["regression"]


def test_a_class_that_no_row_has_does_not_count_in_a_macro_average() -> None:
    truth, output = np.array([0, 1, 1, 0]), np.eye(3)[[0, 1, 0, 0]]
    expected = sklearn_metrics.f1_score(truth, output.argmax(axis=1), average="macro")
    assert score("multiclass", truth, output)["f1"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("task", "classes", "truth"), [("binary", 2, [1, 1, 1]), ("multiclass", 3, [0, 1, 0])])
def test_an_area_without_rows_of_every_class_is_undefined_with_a_reason(
    task: str, classes: int, truth: list[int]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = score(task, np.array(truth), even(3, classes))
    assert math.isnan(found.pop("roc_auc"))
    assert math.isnan(found.pop("pr_auc"))
    assert all(map(math.isfinite, found.values()))
    reasons = undefined(task, np.array(truth), CLASSES[:classes])
    absent = "no" if classes == 2 else "maybe"
    expected = f"it needs rows of every class, found none of {absent} among 3"
    assert reasons == {"roc_auc": expected, "pr_auc": expected}


def test_r2_of_one_row_is_undefined() -> None:
    assert math.isnan(score("regression", np.array([1.0]), np.array([2.0]))["r2"])
    assert undefined("regression", np.array([1.0]), ()) == {"r2": "it needs two rows or more, found 1"}


@pytest.mark.parametrize(("output", "expected"), [([5.0, 5.0], 1.0), ([5.0, 6.0], 0.0)])
def test_r2_of_equal_values_is_one_without_an_error_and_else_zero(output: list[float], expected: float) -> None:
    assert score("regression", np.array([5.0, 5.0]), np.array(output))["r2"] == expected


def test_a_relative_error_of_a_true_value_of_zero_is_undefined_and_wape_is_defined() -> None:
    truth = np.array([0.0, 4.0])
    found = score("regression", truth, np.array([1.0, 3.0]))
    assert math.isnan(found["mape"])
    assert found["wape"] == 0.5
    reasons = {"mape": "it needs true values other than 0, found 1 of 2; wape needs only one"}
    assert undefined("regression", truth, ()) == reasons
    zeros = np.zeros(2)
    assert math.isnan(score("regression", zeros, truth)["wape"])
    assert undefined("regression", zeros, ())["wape"] == "it needs a true value other than 0, found none among 2"


def test_a_probability_of_zero_for_the_true_class_gives_a_large_and_finite_log_loss() -> None:
    assert score("binary", np.array([1, 0]), np.array([[1.0, 0.0], [1.0, 0.0]]))["log_loss"] == pytest.approx(
        18.02, abs=0.01
    )


def test_what_is_defined_has_no_reason() -> None:
    assert undefined("multiclass", np.array([0, 1, 2]), CLASSES) == {}
    assert score("multiclass", np.array([0, 1, 2]), np.eye(3))["roc_auc"] == 1
    assert score("binary", np.array([0, 1]), np.eye(2))["pr_auc"] == 1
    assert undefined("regression", np.array([1.0, 2.0]), ()) == {}


def test_predictions_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="predictions: expected finite numbers"):
        score("regression", np.array([1.0, 2.0]), np.array([1.0, np.inf]))
