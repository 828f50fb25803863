"""Live quality is a pure function of scored rows and ground truth, stored by week."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import land
from tasks.live_quality.history import pending_truths, stored_weeks
from tasks.live_quality.joined import columns_to_read
from tasks.live_quality.measured import TRUTH_SHARE, measured, measured_periods, measured_weeks
from tasks.live_quality.weeks import week_of
from tasks.platform.seed import seed_use_case
from tasks.references.monitoring import LiveFigure, Span
from tasks.traffic.collect import collect
from tasks.traffic.hours import find, replace
from tests.sagemaker_local.support import unique
from tests.tasks.live_quality.live_rows import store_hour
from tests.use_cases import small_use_case

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = week_of(MONDAY)


@pytest.fixture(scope="module")
def seeded(bucket: str) -> UseCase:
    """A use case of the platform, without a registered version."""
    evaluation: dict[str, Any] = {
        "primary": "roc_auc",
        "gates": [{"metric": "roc_auc", "at_least": 0.6}],
        "fairness": {
            "columns": ["origin"],
            "minimum_rows": 20,
            "bounds": [{"metric": "selection_rate_difference", "at_most": 0.5}],
        },
        "intervals": {"resamples": 200},
    }
    found = small_use_case(name=unique("live").replace("-", "_")[:20], evaluation=evaluation)
    seed_use_case(found.name)
    return found


@pytest.fixture
def case(seeded: UseCase) -> UseCase:
    """The use case without traffic and without ground truth."""
    for folder in (locations.root(seeded.name), locations.root(seeded.name, "monitoring")):
        storage.delete([f"{folder}/{name}" for name in storage.names(folder)])
    return seeded


def answers(count: int, prefix: str = "a") -> list[dict[str, Any]]:
    """Rows whose probability of `yes` rises from 0 to 1."""
    shares = np.linspace(0, 1, count)
    return [
        {"inference_id": f"{prefix}{row}", "age": 15, "colour": "red" if row % 4 else "green",
         "prediction": "yes" if share > 0.5 else "no", "probability_no": 1 - share, "probability_yes": share}
        for row, share in enumerate(shares)
    ]  # fmt: skip


def truth(rows: list[dict[str, Any]], wrong: int = 0, **more: Any) -> pa.Table:
    """The predicted classes, of which the first `wrong` are the other one."""
    other = {"yes": "no", "no": "yes"}
    found = [other[row["prediction"]] if place < wrong else row["prediction"] for place, row in enumerate(rows)]
    return pa.table({"inference_id": [row["inference_id"] for row in rows], "passed": found, **more})


def values(figures: tuple[LiveFigure, ...]) -> dict[tuple[str, str], float]:
    return {(each.metric, each.group): each.value for each in figures}


def test_figures_are_of_the_rows_whose_truth_is_known(case: UseCase) -> None:
    rows = answers(100)
    store_hour(case, MONDAY, rows)
    land(case, truth(rows[:80], wrong=8))
    found = {(each.metric, each.group): each for each in measured(case, WEEK)}
    assert found[TRUTH_SHARE, ""].value == 0.8
    accuracy = found["accuracy", ""]
    assert (accuracy.value, accuracy.rows, accuracy.version, accuracy.span) == (0.9, 80, 1, WEEK)
    assert accuracy.low == pytest.approx(0.8148, abs=1e-4)  # Wilson's interval of 72 of 80
    assert accuracy.high == pytest.approx(0.9485, abs=1e-4)
    area = found["roc_auc", ""]
    assert area.low is not None
    assert area.low < area.value < 1


def test_subgroups_and_fairness_come_from_requests_and_from_the_ground_truth(case: UseCase) -> None:
    rows = answers(100)
    store_hour(case, MONDAY, rows)
    origin = ["here"] * 50 + ["there"] * 45 + [None] * 5
    land(case, truth(rows, wrong=10, origin=origin))
    (period,) = measured_periods(case, WEEK)
    found = values(period.figures)
    assert found["accuracy", "origin=here"] == 0.8
    assert found["accuracy", "origin=there"] == 1
    assert found["selection_rate_difference", "origin"] == 1
    assert "origin=missing" not in {group for _, group in found}


def test_a_small_subgroup_is_counted_and_has_no_figure(case: UseCase) -> None:
    rows = answers(60)
    store_hour(case, MONDAY, rows)
    land(case, truth(rows, origin=["here"] * 50 + ["there"] * 10))
    (period,) = measured_periods(case, WEEK)
    assert period.small_groups["origin"].model_dump() == {"groups": 1, "rows": 10}
    assert not any(each.group == "origin=there" for each in period.figures)


def test_truth_that_comes_in_parts_and_before_its_rows_gives_the_same_figures(case: UseCase) -> None:
    rows = answers(100)
    land(case, truth(rows[50:]))
    assert pending_truths(case) == 50
    store_hour(case, MONDAY, rows[:70])
    assert values(measured(case, WEEK))[TRUTH_SHARE, ""] == pytest.approx(20 / 70)
    store_hour(case, MONDAY, rows[70:])
    land(case, truth(rows[:50], wrong=5))
    assert values(measured(case, WEEK))["accuracy", ""] == 0.95
    assert values(measured(case, WEEK))[TRUTH_SHARE, ""] == 1
    assert pending_truths(case) == 0


def test_a_request_that_was_captured_twice_counts_once(case: UseCase) -> None:
    rows = answers(40)
    store_hour(case, MONDAY, rows)
    store_hour(case, MONDAY + timedelta(hours=1), rows[:10])
    land(case, truth(rows))
    (period,) = measured_periods(case, WEEK)
    assert (period.scored_rows, period.joined_rows) == (50, 40)


def test_only_a_week_that_has_changed_is_computed_again(case: UseCase) -> None:
    first, second = answers(30), answers(30, "b")
    store_hour(case, MONDAY, first)
    store_hour(case, MONDAY + timedelta(days=7), second)
    both = Span(since=MONDAY, until=MONDAY + timedelta(days=14))
    land(case, truth(first))
    measured(case, both)
    stored = storage.get_json(uri(case, "2026-W10"))
    storage.put_json(uri(case, "2026-W10"), stored | {"unanswered": 7})  # a mark: a week that is computed has none
    land(case, truth(second, wrong=3))
    assert len({each.span for each in measured_weeks(case, both)}) == 2
    weeks = stored_weeks(case, both)
    assert [values(each.figures).get(("accuracy", "")) for each in weeks] == [1, 0.9]
    assert [each.unanswered for each in weeks] == [7, 0]


def uri(case: UseCase, week: str) -> str:
    return locations.live_quality_week(case.name, 1, week)


def test_figures_stay_when_their_rows_have_expired(case: UseCase) -> None:
    rows = answers(40)
    hour = store_hour(case, MONDAY, rows)
    land(case, truth(rows, wrong=4))
    before = measured(case, WEEK)
    _, seen = find(case.name, hour.key)
    replace(case.name, hour.model_copy(update={"scored": ()}), seen)
    land(case, truth(rows[:4]))
    assert measured(case, WEEK) == before


def test_a_span_that_is_no_week_has_figures_of_its_own(case: UseCase) -> None:
    rows = answers(60)
    store_hour(case, MONDAY, rows[:30])
    store_hour(case, MONDAY + timedelta(hours=5), rows[30:])
    land(case, truth(rows, wrong=6))
    span = Span(since=MONDAY, until=MONDAY + timedelta(hours=5))
    found = {each.span: each.value for each in measured(case, span) if each.metric == "accuracy" and not each.group}
    assert found == {span: 0.8, WEEK: 0.9}


def test_versions_are_measured_apart(case: UseCase) -> None:
    rows = answers(40)
    store_hour(case, MONDAY, rows[:20], version=1)
    store_hour(case, MONDAY, rows[20:], version=2)
    land(case, truth(rows, wrong=2))
    found = {each.version: each.value for each in measured(case, WEEK) if (each.metric, each.group) == ("accuracy", "")}
    assert found == {1: 0.9, 2: 1}
    assert {each.version for each in measured(case, WEEK, version=2)} == {2}


def test_truth_by_key_is_joined_with_the_collected_predictions_of_a_serverless_endpoint(case: UseCase) -> None:
    folder = locations.predictions(case.name, "20260302-101500-aaaaaaaa")
    asked = [{**row, "inference_id": f"request-{number // 20}", "inference_row": number % 20, "id": number + 1,
              "input_row": number} for number, row in enumerate(answers(60))]  # fmt: skip
    storage.put(f"{folder}/predictions.parquet", storage.parquet(pd.DataFrame(asked)))
    storage.put_json(f"{folder}/{locations.MANIFEST}", {"model_package_arn": "arn:model-package/live/3"})
    truths = pa.table({"id": range(1, 41), "passed": [row["prediction"] for row in asked[:40]]})
    land(case, truths)
    assert collect(case, MONDAY + timedelta(hours=11)).rows == 60
    (period,) = measured_periods(case, WEEK)
    assert (period.version, period.scored_rows, period.joined_rows) == (3, 60, 40)
    assert values(period.figures)["accuracy", ""] == 1


def test_only_the_needed_columns_are_read(case: UseCase) -> None:
    assert columns_to_read(case, ["colour"]) == [
        "event_id", "inference_id", "row", "time", "colour", "prediction", "probability_no", "probability_yes",
    ]  # fmt: skip
