"""Figures of rows with true values: for each task, in subgroups, with the coverage of intervals and sets."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tabular.calibration.file import Calibration
from tabular.evidence.calibration import wilson
from tabular.metrics import score
from tasks.live_quality.measured_figures import measure
from tests.use_cases import small_use_case

SETS = Calibration(50, None, {"coverage": 0.9, "method": "class_conditional", "thresholds": [0.2, 0.2]})


def classes_of(count: int) -> dict[str, Any]:
    """The answers and truths of `count` rows."""
    share = np.linspace(0.01, 0.99, count)
    drawn = np.random.default_rng(3).random(count) < share
    return {
        "colour": pa.array(["red", "green"] * (count // 2)),
        "prediction": pa.array(["yes" if each > 0.5 else "no" for each in share]),
        "probability_no": pa.array(1 - share),
        "probability_yes": pa.array(share),
        "target": pa.array(["yes" if each else "no" for each in drawn]),
    }


def regression(**changes: Any) -> UseCase:
    """A use case whose target is a number."""
    columns = {"age": {"type": "integer"}, "passed": {"type": "number"}}
    return small_use_case(
        columns=columns, key=[], target={"column": "passed", "task": "regression"}, features=["age"],
        evaluation={"primary": "r2", "gates": [{"metric": "r2", "at_least": 0.1}], "intervals": {"resamples": 200}},
        candidates=[{"name": "ridge", "algorithm": "ridge"}], **changes,
    )  # fmt: skip


def test_the_metrics_are_those_of_an_evaluation_with_its_intervals() -> None:
    rows = classes_of(60)
    found = measure(small_use_case(), pa.table(rows), None)
    own = {each.metric: each for each in found.figures if not each.group}
    output = np.column_stack([rows["probability_no"], rows["probability_yes"]])
    truth = np.array([each == "yes" for each in rows["target"].to_pylist()], dtype=int)
    assert {name: each.value for name, each in own.items()} == pytest.approx(score("binary", truth, output))
    assert all(each.low is not None and each.low <= each.value <= (each.high or 0) for each in own.values())
    assert found.unanswered == 0


def test_the_class_that_was_answered_counts_not_the_most_probable_one() -> None:
    rows = classes_of(40) | {"prediction": pa.array(["yes"] * 40)}
    found = {
        each.metric: each.value for each in measure(small_use_case(), pa.table(rows), None).figures if not each.group
    }
    assert found["accuracy"] == rows["target"].to_pylist().count("yes") / 40
    assert found["recall"] == 1


def test_a_regression_is_measured_with_the_coverage_of_its_intervals() -> None:
    truth = np.linspace(0, 10, 50)
    error = np.where(np.arange(50) % 5 == 0, 3.0, 0.5)
    half = Calibration(50, None, {"coverage": 0.8, "method": "absolute_residual", "half_width": 1.0})
    rows = pa.table({"prediction": truth + error, "target": truth})
    found = {each.metric: each for each in measure(regression(), rows, half).figures}
    assert found["mae"].value == pytest.approx(1.0)
    coverage = found["coverage"]
    assert (coverage.value, coverage.rows) == (0.8, 50)
    assert coverage.low is not None
    assert coverage.high is not None
    assert coverage.low < 0.8 < coverage.high


def test_the_coverage_of_sets_is_measured_in_subgroups_too() -> None:
    case = small_use_case(monitoring={"psi_warning": 0.1, "psi_drift": 0.2, "minimum_rows": 10, "segments": ["colour"]})
    found = {(each.metric, each.group): each for each in measure(case, pa.table(classes_of(60)), SETS).figures}
    assert found["coverage", "colour=red"].rows == 30
    assert {group for _, group in found} == {"", "colour=red", "colour=green"}
    assert {name for name, group in found if group} == {"coverage", "accuracy", "roc_auc"}


def test_the_intervals_of_subgroups_hold_for_all_of_them_together() -> None:
    rows = classes_of(60)
    alone = measure(small_use_case(), pa.table({**rows, "colour": pa.array(["red"] * 60)}), None).figures
    case = small_use_case(monitoring={"psi_warning": 0.1, "psi_drift": 0.2, "minimum_rows": 10, "segments": ["colour"]})
    halves = {each.group: each for each in measure(case, pa.table(rows), None).figures if each.metric == "accuracy"}
    red, level = halves["colour=red"], 1 - 0.05 / 2
    low, high = wilson(np.array([red.value]), np.array([30]), level)
    assert (red.low, red.high) == pytest.approx((low[0], high[0]))
    whole = next(each for each in alone if each.metric == "accuracy")
    assert halves[""].low == whole.low  # all rows are no subgroup


def test_rows_with_an_incomplete_answer_are_left_out_and_counted() -> None:
    rows = pa.table({"prediction": [1.0, None, float("nan")], "target": [1.0, 2.0, 3.0]})
    found = measure(regression(), rows, None)
    assert found.unanswered == 2
    assert {each.metric: each.rows for each in found.figures}["mae"] == 1


def test_few_rows_have_figures_without_intervals() -> None:
    case = small_use_case()
    found = measure(case, pa.table(classes_of(8)), SETS)
    assert found.figures
    assert all(each.low is None for each in found.figures)


def test_no_rows_have_no_figures() -> None:
    assert measure(small_use_case(), pa.table(classes_of(2)).slice(0, 0), SETS).figures == ()
