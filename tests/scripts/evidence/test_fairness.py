"""The comparison of groups, beside Fairlearn's."""

import json
from dataclasses import replace
from typing import Any

import fairlearn.metrics as fairlearn
import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, root_mean_squared_error

from tabular.calibration.file import Calibration
from tabular.evidence.fairness import evidence
from tabular.evidence.judged import JudgedRows
from tests.scripts.evidence.grouped import GROUPS, grouped, settings

OF_CLASSES = {
    "selection_rate": fairlearn.selection_rate,
    "true_positive_rate": fairlearn.true_positive_rate,
    "false_positive_rate": fairlearn.false_positive_rate,
    "accuracy": accuracy_score,
}
OF_NUMBERS = {
    "mean_prediction": fairlearn.mean_prediction,
    "mae": mean_absolute_error,
    "rmse": root_mean_squared_error,
}


def compared(judged: JudgedRows) -> dict[str, Any]:
    """The figures of the column `group`."""
    found = evidence(judged)
    assert found
    return dict(json.loads(json.dumps(found, allow_nan=False))["columns"]["group"])


def values(figures: dict[str, Any]) -> dict[str, float]:
    """The figures without their intervals."""
    return {name: figure["value"] for name, figure in figures.items()}


def groups_in(judged: JudgedRows) -> np.ndarray:
    """The group of each row."""
    return np.asarray(judged.columns["group"].to_numpy(zero_copy_only=False))


def frame_of(judged: JudgedRows, truth: Any, predicted: Any, metrics: dict[str, Any]) -> fairlearn.MetricFrame:
    """Fairlearn's figures of the same rows."""
    return fairlearn.MetricFrame(metrics=metrics, y_true=truth, y_pred=predicted, sensitive_features=groups_in(judged))


@pytest.mark.parametrize(("task", "metrics"), [("binary", OF_CLASSES), ("regression", OF_NUMBERS)])
def test_the_figures_are_those_of_fairlearn(task: str, metrics: dict[str, Any]) -> None:
    judged = grouped(task)
    predicted = judged.output if task == "regression" else judged.decided
    found, frame = compared(judged), frame_of(judged, judged.truth, predicted, metrics)
    for group in found["groups"]:
        ours = values(group["rates"])
        assert {name: ours[name] for name in metrics} == pytest.approx(frame.by_group.loc[group["group"]].to_dict())
    between, ratios = values(found["between"]), frame.ratio().to_dict()
    assert {name: between[f"{name}_difference"] for name in metrics} == pytest.approx(frame.difference().to_dict())
    ratios.pop("mean_prediction", None)  # it may be negative
    assert {name: between[f"{name}_ratio"] for name in ratios} == pytest.approx(ratios)


def test_parity_and_equalized_odds_are_those_of_fairlearn() -> None:
    judged = grouped()
    known = {"sensitive_features": groups_in(judged)}
    found = values(compared(judged)["between"])
    for ours, theirs in (
        ("selection_rate_difference", fairlearn.demographic_parity_difference),
        ("selection_rate_ratio", fairlearn.demographic_parity_ratio),
        ("equalized_odds_difference", fairlearn.equalized_odds_difference),
        ("equalized_odds_ratio", fairlearn.equalized_odds_ratio),
    ):
        assert found[ours] == pytest.approx(theirs(judged.truth, judged.decided, **known)), ours


def test_each_of_several_classes_has_rates_and_the_worst_counts_between_groups() -> None:
    judged = grouped("multiclass")
    found = compared(judged)
    frames = [frame_of(judged, judged.truth == k, judged.decided == k, OF_CLASSES) for k in range(3)]
    for group in found["groups"]:
        theirs = [frame.by_group["true_positive_rate"][group["group"]] for frame in frames]
        ours = [group["rates"][f"true_positive_rate: {name}"]["value"] for name in judged.contract.classes]
        assert ours == pytest.approx(theirs)
    worst = max(frame.difference()["true_positive_rate"] for frame in frames)
    assert found["between"]["true_positive_rate_difference"]["value"] == pytest.approx(worst)
    accuracy = frame_of(judged, judged.truth, judged.decided, {"accuracy": accuracy_score})
    assert found["between"]["accuracy_difference"]["value"] == pytest.approx(accuracy.difference()["accuracy"])


def test_intervals_are_about_those_of_fairlearn_s_bootstrap() -> None:
    judged = grouped(settings=settings(resamples=400))
    theirs = fairlearn.MetricFrame(
        metrics=fairlearn.selection_rate, y_true=judged.truth, y_pred=judged.decided, random_state=1,
        sensitive_features=groups_in(judged), n_boot=60, ci_quantiles=[0.05, 0.95],
    )  # fmt: skip
    low, high = theirs.by_group_ci
    for group in compared(judged)["groups"]:
        ours = group["rates"]["selection_rate"]
        assert ours["low"] == pytest.approx(low[group["group"]], abs=0.03)
        assert ours["high"] == pytest.approx(high[group["group"]], abs=0.03)


def test_the_threshold_of_the_model_decides_who_is_selected() -> None:
    strict = grouped(calibration=Calibration(rows=9, threshold=0.9))
    usual = grouped()
    for ours, others in zip(compared(strict)["groups"], compared(usual)["groups"], strict=True):
        assert ours["rates"]["selection_rate"]["value"] < others["rates"]["selection_rate"]["value"]


def test_a_small_group_is_counted_and_neither_judged_nor_compared() -> None:
    group = np.array(["a"] * 400 + ["b"] * 480 + ["c"] * 20)
    found = compared(grouped(columns={"group": pa.array(group)}))
    *large, small = found["groups"]
    assert small == {"group": "c", "rows": 20, "judged": False}
    selected = [each["rates"]["selection_rate"]["value"] for each in large]
    assert found["between"]["selection_rate_difference"]["value"] == pytest.approx(abs(np.subtract(*selected)))


def test_without_two_judged_groups_nothing_is_compared() -> None:
    assert compared(grouped(settings=settings(least=400)))["between"].keys() == compared(grouped())["between"].keys()
    assert set(compared(grouped(settings=settings(least=400)))["between"].values()) == {None}
    assert compared(grouped(settings=settings(least=1_000)))["between"] == {}


def test_a_group_without_a_positive_row_has_no_true_positive_rate_and_the_others_are_compared() -> None:
    judged = grouped()
    found = compared(replace(judged, truth=np.where(groups_in(judged) == "c", 0, judged.truth)))
    *others, third = found["groups"]
    assert third["rates"]["true_positive_rate"] is None
    both = [group["rates"]["true_positive_rate"]["value"] for group in others]
    assert found["between"]["true_positive_rate_difference"]["value"] == pytest.approx(abs(np.subtract(*both)))


def test_missing_and_undeclared_values_are_groups_whose_names_show_no_value() -> None:
    group = ["a", None, "secret"] * 300
    names = [each["group"] for each in compared(grouped(columns={"group": pa.array(group)}))["groups"]]
    assert names == ["a", "other values", "missing"]


def test_calibration_is_what_is_expected_beside_what_is_observed_within_each_group() -> None:
    judged = grouped()
    for name, group in zip(GROUPS, compared(judged)["groups"], strict=True):
        rows = np.flatnonzero(groups_in(judged) == name)
        bins = group["calibration"]
        assert sum(each["rows"] for each in bins) == len(rows)
        assert min(each["rows"] for each in bins) >= 20
        assert [each["expected"] for each in bins] == sorted(each["expected"] for each in bins)
        observed = sum(each["rows"] * each["observed"] for each in bins) / len(rows)
        assert observed == pytest.approx((judged.truth[rows] == 1).mean())
        gap = judged.output[rows, 1].mean() - observed
        assert group["rates"]["calibration"]["value"] == pytest.approx(gap)


def test_a_use_case_without_fairness_has_no_evidence_of_it() -> None:
    assert evidence(grouped(settings={})) is None
