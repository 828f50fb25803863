"""The comparison with published figures: the protocol, and the tables in the README."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.use_case import load_use_case
from tabular.columns import Column
from tabular.contract import Contract
from tasks import model_contract
from tests.benchmarks import papers, papers_protocol, papers_table
from tests.benchmarks.papers_protocol import FOLDS, Run
from tests.benchmarks.papers_questions import LATE, Question, with_all

README = Path(__file__).parents[2] / "README.md"
ROWS = 40
LINEAR = ("ridge", {"alpha": 1.0})
CONSTANT = ("elastic_net", {"alpha": 1e6})


def question(noise: float = 0.0, **changes: Any) -> Question:
    """A number that is twice a feature, and noise."""
    draw = np.random.default_rng(3)
    feature = draw.normal(size=ROWS)
    frame = pd.DataFrame({"x": feature, "y": 2 * feature + noise * draw.normal(size=ROWS)})
    contract = Contract("q", "regression", "y", (), "rmse", (Column("x", "number"),), 7)
    return replace(
        Question("Q", contract, frame, {"linear": LINEAR, "constant": CONSTANT}, {"NV": 2.0, "RF": 1.5}), **changes
    )


def run(metric: float) -> Run:
    return Run(metric, 2.0, {"linear": 1.0}, ["linear"] * FOLDS, np.arange(3), np.arange(3))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(papers_protocol, "STORE", tmp_path)
    return tmp_path


def test_every_column_is_a_feature_and_derived_ones_stay_where_their_columns_do() -> None:
    case = load_use_case("student_dropout")
    contract = model_contract.contract(case)
    every, enrolment = with_all(case, contract, ()), with_all(case, contract, (*LATE, "curricular_units_1st_sem_grade"))
    names = set(case.columns) - {case.target.column}
    assert {column.name for column in every.input_columns} == names | set(case.derived)
    assert "gender" in names, "a sensitive column"
    assert {column.name for column in enrolment.input_columns} == (
        names - {*LATE, "curricular_units_1st_sem_grade"} | {"passed_1st_sem", "passed_2nd_sem"}
    )


def test_each_run_predicts_every_row_once_and_chooses_by_the_training_rows(store: Path) -> None:
    asked = question()
    first, second = papers_protocol.runs(asked, 2, 1)
    for each in (first, second):
        assert np.array_equal(np.sort(each.truth), np.sort(asked.frame["y"]))
        assert each.chosen == ["linear"] * FOLDS
        assert each.metric == pytest.approx(np.sqrt(np.mean((each.truth - each.answers) ** 2)))
        assert each.metric < 0.3 * each.naive
    assert not np.array_equal(first.truth, second.truth)


def test_the_choice_and_the_model_of_a_fold_do_not_depend_on_its_predicted_rows(store: Path) -> None:
    asked = question(noise=0.5)
    before = papers_protocol.answer(asked, 0, 4)
    frame = asked.frame.copy()
    frame.loc[before["places"], "y"] = 1e6
    after = papers_protocol.answer(replace(asked, frame=frame), 0, 4)
    assert after == before


def test_an_interrupted_run_continues_and_other_candidates_are_computed_again(store: Path) -> None:
    asked = question()
    papers_protocol.runs(asked, 1, 1)
    written = {path: path.stat().st_mtime_ns for path in store.rglob("*.json")}
    assert len(written) == FOLDS
    lost = sorted(written)[0]
    lost.unlink()
    papers_protocol.runs(asked, 1, 1)
    assert lost.exists()
    assert all(path.stat().st_mtime_ns == time for path, time in written.items() if path != lost)
    assert papers_protocol.digest(question(candidates={"linear": LINEAR})) != papers_protocol.digest(asked)


def test_the_naive_prediction_is_a_column_or_the_mean_of_the_training_rows(store: Path) -> None:
    by_column, by_mean = question(naive="x"), question()
    assert papers_protocol.answer(by_column, 0, 0)["naive"] == [
        by_column.frame["x"][place] for place in papers_protocol.answer(by_column, 0, 0)["places"]
    ]
    found = papers_protocol.answer(by_mean, 0, 0)
    assert found["naive"][0] == pytest.approx(by_mean.frame["y"].drop(found["places"]).mean())


def test_a_figure_worse_than_the_best_published_beyond_noise_is_a_problem() -> None:
    def judged(*metrics: float) -> dict[str, object]:
        return papers_table.row(question(), [run(metric) for metric in metrics])

    worse, close, better = judged(1.59, 1.61), judged(1.49, 1.53), judged(1.3, 1.32)
    assert papers_table.problem(worse) == "worse than published"
    assert "| -0.100, -9.6 units of noise — **worse than published** |" in papers_table.papers([worse])
    assert papers_table.problem(close) is None
    assert papers_table.problem(better) is None
    assert (better["best_by"], better["best"]) == ("RF", 1.5)
    shown = papers_table.papers([better])
    assert "| Q | RMSE | 2.00 (published 2.00) | 1.50 (RF) | 1.31 ± 0.010, 2 | +0.190, +18.3 units of noise |" in shown


def test_a_macro_f1_that_is_too_good_is_a_problem() -> None:
    row = {"metric": "f1", "ours": 0.79, "better": 0.04, "noise": 0.01}
    assert papers_table.problem(row) == "above 0.78: look for leakage"
    assert papers_table.problem({**row, "ours": 0.75}) is None


def test_one_run_has_no_standard_error_but_must_not_be_worse() -> None:
    better, worse = (papers_table.row(question(), [run(metric)]) for metric in (1.4, 1.6))
    assert (better["standard_error"], better["noise"]) == (None, None)
    assert "| 1.40, 1 | +0.100 | linear (100%) |" in papers_table.papers([better])
    assert papers_table.problem(better) is None
    assert papers_table.problem(worse) == "worse than published"


def test_the_readme_shows_the_stored_figures() -> None:
    text = README.read_text()
    assert {"<!-- papers -->", "<!-- refit -->"} <= set(text.splitlines())
    assert text == papers.shown(text)
    kept = papers_table.kept()
    assert {"grades", "dropout", "refit"} <= kept.keys()
    assert not [row["question"] for row in [*kept["grades"], *kept["dropout"]] if papers_table.problem(row)]
