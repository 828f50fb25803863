"""The part of a run's page about groups of rows."""

import json
from typing import Any

import pyarrow as pa
import pytest

from config.use_case import UseCase
from tabular.calibration.conformal import fit
from tabular.calibration.file import Calibration
from tabular.evidence import fairness, prediction_sets
from tasks import plots
from tasks.pages.fairness import fairness_values, plots_of
from tasks.pages.lifecycle import lifecycle_page
from tests.scripts.evidence.answers import a_contract, answers
from tests.scripts.evidence.grouped import grouped
from tests.tasks.pages.runs import POINTS, REPORT, a_run
from tests.tasks.pages.test_lifecycle import Reader
from tests.use_cases import small_use_case

SLICES = {
    "metric": "error_rate", "rows": 900, "overall": 0.2, "tried": 1234, "significance": 0.05, "level": 0.95,
    "slices": [
        {"slice": [{"column": "age", "group": "54 and above"}, {"column": "colour", "group": "<red>"}],
         "rows": 61, "value": 0.46, "low": 0.27, "high": 0.66, "others": 0.25, "effect": 0.44, "p": 0.0123},
    ],
}  # fmt: skip


def evidence(task: str = "binary") -> dict[str, Any]:
    """What evaluation.json has about groups: three, of which one is too small."""
    group = ["a"] * 500 + ["b"] * 380 + ["c"] * 20
    conformal = fit(a_contract(task), *answers(task, 500, seed=9), 0.9)
    judged = grouped(task, columns={"group": pa.array(group)}, calibration=Calibration(500, conformal=conformal))
    found = {"fairness": fairness.evidence(judged), "prediction_sets": prediction_sets.evidence(judged)}
    return {**json.loads(json.dumps(found)), "slices": SLICES}


def a_use_case(**bound: Any) -> UseCase:
    bounds = [{"metric": "selection_rate_difference", **bound}]
    columns = {
        "group": {"type": "category", "categories": ["a", "b", "c"], "sensitive": True},
        "age": {"type": "integer"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    rules = {
        "primary": "roc_auc",
        "gates": [{"metric": "roc_auc", "at_least": 0.6}],
        "fairness": {"columns": ["group"], "bounds": bounds},
    }
    return small_use_case(columns=columns, key=[], features=["age"], evaluation=rules)


def page(found: dict[str, Any], use_case: UseCase | None = None) -> str:
    return lifecycle_page(use_case or a_use_case(at_most=1), a_run(), REPORT, plots.draw(POINTS), found)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_groups_slices_and_coverage_are_shown_with_their_intervals(task: str) -> None:
    found = evidence(task)
    html = page(found)
    reader = Reader(html)
    assert (reader.open, reader.misplaced) == ([], [])
    for group in found["fairness"]["columns"]["group"]["groups"][:2]:
        for figure in group["rates"].values():
            assert f"{figure['value']:.3f} {figure['low']:.3f} to {figure['high']:.3f}" in reader.words
    assert "Too small to be judged (fewer than 30 rows): c (20)." in reader.words
    assert "age: 54 and above, colour: <red> 61 0.46 (0.27 to 0.66) 0.25 0.01" in reader.words
    sets = found["prediction_sets"]
    assert f"all 900 {sets['coverage']:.3f} ({sets['low']:.3f} to {sets['high']:.3f})" in reader.words
    assert "group: c 20 too few rows" in reader.words
    assert all(each.get("role") == "img" for each in reader.all("svg"))


@pytest.mark.parametrize(
    ("bound", "verdict"),
    [({"at_most": 1}, "passed"), ({"at_most": 0}, "failed"), ({"at_most": 0.1, "by": "interval"}, "failed")],
)
def test_a_bound_has_its_verdict(bound: dict[str, Any], verdict: str) -> None:
    found, case = evidence(), a_use_case(**bound)
    figure = found["fairness"]["columns"]["group"]["between"]["selection_rate_difference"]
    figure |= {"value": 0.05, "low": 0.01, "high": 0.2}
    (judged,) = fairness_values(case, found)["bounds"]
    assert judged.passed is (verdict == "passed")
    assert f"0.050 (0.010 to 0.200) {verdict}" in Reader(page(found, case)).words


def test_a_bound_that_cannot_be_judged_has_failed() -> None:
    found = evidence()
    found["fairness"]["columns"]["group"]["between"] = {}
    (judged,) = fairness_values(a_use_case(at_most=1), found)["bounds"]
    assert (judged.passed, judged.figure) == (False, None)


def test_a_share_is_drawn_from_0_to_1_and_a_number_from_0_or_the_least_end() -> None:
    groups = evidence()["fairness"]["columns"]["group"]["groups"]
    share = next(plot for plot in plots_of(groups) if plot.rate == "selection_rate")
    assert [text for _, text in share.ticks] == ["0", "0.25", "0.5", "0.75", "1"]
    assert [mark.group for mark in share.marks] == ["a", "b"]
    for plot in (*plots_of(groups), *plots_of(evidence("regression")["fairness"]["columns"]["group"]["groups"])):
        for mark in plot.marks:
            assert plot.label < mark.low <= mark.x <= mark.high < plot.width


def test_a_run_without_such_evidence_has_none_of_the_sections() -> None:
    words = Reader(page({}, small_use_case())).words
    assert not any(heading in words for heading in ("Fairness", "Worst slices", "Coverage of prediction"))


def test_no_worse_slice_and_an_interval_without_bounds_are_told() -> None:
    found = evidence("regression")
    found["slices"] = {**SLICES, "slices": []}
    found["prediction_sets"]["size"] = None
    words = Reader(page(found)).words
    assert "No slice is worse than the other rows beyond chance." in words
    assert "1,234 slices of one or two columns were tried" in words
    assert "no bounds" in words
