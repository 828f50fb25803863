"""Estimated metrics of a classification: equal to enumeration, and within their intervals as often as these say."""

from itertools import product

import numpy as np
import pytest

from tabular.evidence.calibration import evidence
from tabular.metrics import score
from tasks.live_quality.calibrators import calibrators_of
from tasks.live_quality.cbpe import estimates
from tests.scripts.evidence.judged_rows import answered

OUTPUT = np.array([[0.9, 0.1], [0.7, 0.3], [0.35, 0.65], [0.2, 0.8]])
DECIDED = np.array([0, 0, 1, 1])
THREE = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3]])


def enumerated(task: str, output: np.ndarray, names: list[str]) -> dict[str, float]:
    """The mean of each metric over all true classes that the rows may have, weighed by their probability."""
    rows, classes = output.shape
    found = dict.fromkeys(names, 0.0)
    for truth in product(range(classes), repeat=rows):
        weight = float(np.prod(output[np.arange(rows), truth]))
        values = score(task, np.array(truth), output)
        found = {name: found[name] + weight * values[name] for name in names}
    return found


@pytest.mark.parametrize(("task", "output"), [("binary", OUTPUT), ("multiclass", THREE)])
def test_sums_over_rows_equal_their_expectation_by_enumeration(task: str, output: np.ndarray) -> None:
    names = ["accuracy", "log_loss", "brier"] + (["precision"] if task == "binary" else [])
    found = estimates(output, output.argmax(axis=1), {}, draws=2)
    for name, value in enumerated(task, output, names).items():
        assert found[name].value == pytest.approx(value, abs=1e-5), name


def test_recall_and_f1_are_quotients_of_the_expected_confusion_matrix() -> None:
    hits, positives, chosen = OUTPUT[DECIDED == 1, 1].sum(), OUTPUT[:, 1].sum(), 2
    found = estimates(OUTPUT, DECIDED, {}, draws=2)
    assert found["recall"].value == pytest.approx(hits / positives, abs=1e-5)
    assert found["f1"].value == pytest.approx(2 * hits / (positives + chosen), abs=1e-5)


def test_the_decisions_are_the_models_and_not_those_of_the_most_probable_class() -> None:
    found = estimates(OUTPUT, np.ones(4, int), {}, draws=2)
    assert found["accuracy"].value == pytest.approx(OUTPUT[:, 1].mean(), abs=1e-5)
    assert found["recall"].value == pytest.approx(1)


def drawn(rows: int, shift: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """True classes, and probabilities that are too sure: a calibrator has to correct them."""
    scores = random.normal(shift, 1.5, rows)
    truth = (random.random(rows) < 1 / (1 + np.exp(-scores))).astype(int)
    sure = 1 / (1 + np.exp(-1.5 * scores - 0.2))
    return truth, np.column_stack([1 - sure, sure])


def test_a_shift_of_the_rows_is_estimated_and_the_truth_is_within_the_interval_as_often_as_it_says() -> None:
    random, names = np.random.default_rng(5), ("accuracy", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier")
    covered, errors, unchanged = [], [], []
    for _ in range(80):
        held_out, live = drawn(600, 0, random), drawn(300, -1, random)
        calibrators = calibrators_of({"calibration": evidence(answered(*held_out))}, ("no", "yes"))
        found = estimates(live[1], live[1].argmax(axis=1), calibrators, level=0.9, draws=100)
        measured, before = score("binary", *live), score("binary", *held_out)
        covered.append([found[name].covers(measured[name]) for name in names])
        errors.append([abs(found[name].value - measured[name]) for name in names])
        unchanged.append([abs(before[name] - measured[name]) for name in names])
    assert np.all(np.abs(np.mean(covered, axis=0) - 0.9) < 0.08)
    assert np.mean(errors) < 0.5 * np.mean(unchanged)


def test_three_classes_are_calibrated_one_by_one_and_estimated() -> None:
    random = np.random.default_rng(6)
    logits = random.normal(0, 1.5, (4000, 3))
    right, sure = (np.exp(factor * logits) / np.exp(factor * logits).sum(axis=1, keepdims=True) for factor in (1, 2))
    truth = (random.random((4000, 1)) > np.cumsum(right, axis=1)[:, :-1]).sum(axis=1)
    calibrators = calibrators_of({"calibration": evidence(answered(truth[:2000], sure[:2000]))}, ("no", "yes", "maybe"))
    live, measured = sure[2000:], score("multiclass", truth[2000:], sure[2000:])
    found, raw = (estimates(live, live.argmax(axis=1), each) for each in (calibrators, {}))
    for name in ("accuracy", "f1", "log_loss", "brier"):
        assert found[name].covers(measured[name]), name
        assert not raw[name].covers(measured[name]), name
        assert abs(found[name].value - measured[name]) < 0.5 * abs(raw[name].value - measured[name]), name


def test_equal_rows_give_equal_estimates() -> None:
    assert estimates(OUTPUT, DECIDED, {}) == estimates(OUTPUT, DECIDED, {})


def test_a_class_that_no_row_can_have_leaves_the_areas_out() -> None:
    sure = np.tile([1.0, 0.0], (5, 1))
    found = estimates(sure, np.zeros(5, int), {}, draws=5)
    assert found["accuracy"].value == 1
    assert not {"roc_auc", "pr_auc"} & found.keys()
