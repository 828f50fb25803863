"""Estimates of stored hours, and what they are compared with later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tabular.evidence.calibration import evidence
from tabular.evidence.points import points
from tabular.metrics import score
from tasks.ground_truth import land
from tasks.live_quality import estimated as estimated_module
from tasks.live_quality.estimate_errors import estimate_errors
from tasks.live_quality.estimated import estimated, not_estimated
from tasks.live_quality.evaluated import Evaluated
from tasks.live_quality.losses import loss
from tasks.live_quality.measured import measured
from tasks.live_quality.sampled_rows import sampled_rows
from tasks.live_quality.weeks import week_of
from tasks.platform.seed import seed_use_case
from tasks.references.monitoring import LiveFigure, Span
from tasks.rows.scored_rows import TIME
from tasks.traffic.hours import hours
from tests.sagemaker_local.support import unique
from tests.scripts.evidence.judged_rows import answered, binary
from tests.tasks.live_quality.live_rows import store_hour
from tests.tasks.live_quality.registered import register
from tests.use_cases import small_use_case

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = week_of(MONDAY)
MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 30, "segments": ["colour"]}


def new_case(**changes: Any) -> UseCase:
    found = small_use_case(name=unique("est").replace("-", "_")[:20], monitoring=MONITORING, **changes)
    seed_use_case(found.name)
    return found


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    """A use case whose version 1 was evaluated on 1,000 rows, with rows of three hours of two weeks."""
    found = new_case()
    held_out = answered(*binary(1000, seed=2))
    register(found, {"metrics": held_out.scores, "calibration": evidence(held_out), "points": points(held_out)})
    for place, start in enumerate((MONDAY, MONDAY + timedelta(hours=5), MONDAY + timedelta(days=8))):
        store_hour(found, start, live(place, 200), version=1)
    return found


def live(seed: int, count: int) -> list[dict[str, Any]]:
    """Answers to rows, of which fewer are positive than of the held-out ones. Their truth is `truth_of`."""
    _, output = binary(count, seed=10 + seed, share=0.2)
    return [
        {"inference_id": f"{seed}-{row}", "age": 15, "colour": "red" if row % 4 else "green",
         "prediction": "yes" if yes > 0.5 else "no", "probability_no": no, "probability_yes": yes}
        for row, (no, yes) in enumerate(output)
    ]  # fmt: skip


def truth_of(seed: int, count: int) -> np.ndarray:
    return binary(count, seed=10 + seed, share=0.2)[0]


def by_key(figures: tuple[LiveFigure, ...], span: Span) -> dict[tuple[str, str], LiveFigure]:
    return {(each.metric, each.group): each for each in figures if each.span == span}


def test_weeks_and_segments_are_estimated_beside_the_figures_of_the_training(case: UseCase) -> None:
    day = Span(since=MONDAY, until=MONDAY + timedelta(days=1))
    figures = estimated(case, day)
    assert {each.span for each in figures} == {day, WEEK}
    found = by_key(figures, WEEK)
    assert {"accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier"} == {
        metric for metric, group in found if not group
    }
    assert {group for metric, group in found if metric == "roc_auc"} == {"", "colour=red", "colour=green"}
    accuracy = found["accuracy", ""]
    assert (accuracy.kind, accuracy.version, accuracy.rows) == ("estimated", 1, 400)
    assert accuracy.reference == answered(*binary(1000, seed=2)).scores["accuracy"]
    assert found["accuracy", "colour=green"].rows == 100
    assert accuracy.low is not None and accuracy.high is not None
    assert accuracy.low < accuracy.value < accuracy.high


def test_an_estimate_is_near_the_truth_that_comes_later(case: UseCase) -> None:
    names = [row["inference_id"] for seed in (0, 1) for row in live(seed, 200)]
    truth = np.concatenate([truth_of(seed, 200) for seed in (0, 1)])
    land(case, pa.table({"inference_id": names, "passed": np.array(["no", "yes"])[truth]}))
    pairs = estimate_errors([*estimated(case, WEEK), *measured(case, WEEK)])
    found = {each.measured.metric: each for each in pairs if not each.measured.group}
    assert found["accuracy"].measured.value == pytest.approx(
        score("binary", truth, np.concatenate([binary(200, seed=10 + seed, share=0.2)[1] for seed in (0, 1)]))[
            "accuracy"
        ]
    )
    assert {"accuracy", "recall", "roc_auc", "log_loss"} <= found.keys()
    assert all(abs(found[name].error) < 0.1 for name in ("accuracy", "recall", "roc_auc", "log_loss"))
    assert found["roc_auc"].within


def test_a_second_run_gives_equal_figures_and_a_large_span_is_sampled(
    case: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert estimated(case, WEEK) == estimated(case, WEEK)
    monkeypatch.setattr(estimated_module, "MOST_ROWS", 200)
    sampled = estimated(case, WEEK)
    assert 140 < by_key(sampled, WEEK)["accuracy", ""].rows < 260
    assert estimated(case, WEEK) == sampled


def test_a_sample_has_about_the_wanted_rows_of_all_hours_and_all_where_there_are_fewer(case: UseCase) -> None:
    found = hours(case, WEEK)
    assert 60 < sampled_rows(case, found, [TIME], 100).num_rows < 140
    assert len(set(sampled_rows(case, found, [TIME], 100)[TIME].to_pylist())) == 2
    assert sampled_rows(case, found, [TIME], 400).num_rows == 400
    assert sampled_rows(case, [], [TIME], 100).num_rows == 0


def test_what_cannot_be_estimated_has_a_reason(case: UseCase, caplog: pytest.LogCaptureFixture) -> None:
    old = new_case()
    version = register(old, {"metrics": {"accuracy": 0.9}})
    store_hour(old, MONDAY, live(0, 50), version=version)
    with caplog.at_level("INFO"):
        assert estimated(old, WEEK) == ()
    assert "version 1: nothing is estimated: expected `calibration` in its evaluation, found none" in caplog.text
    evaluated = Evaluated("regression", (), {"metrics": {"mae": 1.0, "mape": np.nan}}, {})
    assert list(not_estimated(case, evaluated)) == ["mape"]


def test_the_reference_of_a_subgroup_is_that_of_its_held_out_rows() -> None:
    rates = {"accuracy": {"value": 0.75, "low": 0.7, "high": 0.8}}
    groups = [{"group": "green", "rows": 9, "judged": False}, {"group": "red", "rows": 90, "rates": rates}]
    content = {"metrics": {"accuracy": 0.9, "f1": np.nan}, "fairness": {"columns": {"colour": {"groups": groups}}}}
    evaluated = Evaluated("binary", ("no", "yes"), content, {})
    assert evaluated.reference("accuracy", "colour=red") == 0.75
    assert evaluated.reference("accuracy") == 0.9
    unknown = [("f1", ""), ("roc_auc", "colour=red"), ("accuracy", "colour=green"), ("accuracy", "school=GP")]
    assert [evaluated.reference(*each) for each in unknown] == [None] * 4


def test_a_version_that_the_registry_no_longer_has_is_logged(bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    lost = new_case()
    store_hour(lost, MONDAY, live(0, 50), version=7)
    with caplog.at_level("INFO"):
        assert estimated(lost, WEEK) == ()
    assert "version 7: nothing is estimated: expected its evaluation" in caplog.text


def test_few_rows_have_no_estimate_and_a_row_without_an_answer_is_left_out(bucket: str) -> None:
    few = new_case()
    held_out = answered(*binary(300, seed=2))
    register(few, {"metrics": held_out.scores, "calibration": evidence(held_out)})
    rows = live(0, 30)
    store_hour(few, MONDAY, [*rows[:29], {**rows[29], "probability_yes": None}])
    assert estimated(few, WEEK) == ()
    store_hour(few, MONDAY, [{**rows[29], "colour": None}])
    assert by_key(estimated(few, WEEK), WEEK)["accuracy", ""].rows == 30


def test_a_regression_is_estimated_from_its_held_out_residuals_and_a_shift_is_a_loss(bucket: str) -> None:
    numbers = {
        "id": {"type": "integer"},
        "age": {"type": "integer"},
        "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
        "score": {"type": "number"},
    }
    evaluation = {"primary": "mae", "gates": [{"metric": "mae", "at_most": 9}]}
    case = new_case(
        columns=numbers, target={"column": "score", "task": "regression"}, evaluation=evaluation,
        candidates=[{"name": "ridge", "algorithm": "ridge"}],
    )  # fmt: skip
    random = np.random.default_rng(1)
    predicted = random.uniform(0, 10, 400)
    held_out = answered(predicted + random.normal(0, 1, 400) * predicted, predicted, primary="mae")
    register(case, {"metrics": held_out.scores, "points": points(held_out)})
    store_hour(case, MONDAY, [{"inference_id": f"{row}", "age": 1, "prediction": 9.0} for row in range(60)])
    figures = estimated(case, WEEK)
    found = by_key(figures, WEEK)
    assert {"mae", "rmse"} <= {metric for metric, _ in found}
    fall = loss(figures, "mae")
    assert fall is not None
    assert (fall.kind, fall.metric) == ("estimated", "mae")
    assert fall.loss == pytest.approx(9 * np.sqrt(2 / np.pi) - held_out.scores["mae"], rel=0.25)
    assert fall.low is not None and fall.low > 0
