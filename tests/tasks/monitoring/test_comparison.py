"""Stored hours of live traffic, compared with the training rows and the held-out predictions of their version."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from config.use_case import UseCase
from tasks import storage
from tasks.monitoring.comparison import answering_version, compare_hours, span_until
from tasks.references import Champion, TrafficCounts
from tasks.traffic.hours import Hour, hours
from tests.tasks.monitoring.live_hours import START, frame, held_out_predictions, released_case, stored_hour
from tests.use_cases import small_use_case

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def released(bucket: str) -> tuple[UseCase, Champion]:
    """A use case whose version has predictions of held-out rows."""
    case, champion = released_case()
    held_out_predictions(case, champion, frame(300, seed=2))
    return case, champion


@pytest.fixture(scope="module")
def case(released: tuple[UseCase, Champion]) -> UseCase:
    return released[0]


def test_rows_of_the_same_population_are_stable_and_all_versions_are_counted(case: UseCase) -> None:
    own = stored_hour(case, START, frame(200, seed=3))
    other = stored_hour(case, START, frame(400, seed=4, age=12), version=7)
    found = compare_hours(case, [own, other])
    assert (found.version, found.verdict, found.counts.rows) == (1, "stable", 600)
    assert {each.feature for each in found.features} == {
        "age", "colour", "prediction", "probability_no", "probability_yes",
    }  # fmt: skip


def test_drift_of_a_feature_and_of_the_predictions_is_found_and_is_the_same_in_each_run(case: UseCase) -> None:
    moved = frame(200, seed=5, age=12, probability_yes=np.linspace(0.9, 1, 200))
    hour = stored_hour(case, START + HOUR, moved)
    first, second = (compare_hours(case, [hour], segments=True) for _ in range(2))
    assert (first.verdict, first.features, first.segments) == (second.verdict, second.features, second.segments)
    assert first.verdict == "drift"
    assert {each.feature for each in first.features if each.verdict == "drift"} == {"age", "probability_yes"}


def test_missing_values_new_categories_and_a_range_are_named(case: UseCase) -> None:
    rows = frame(200, seed=6)
    rows.loc[:80, "colour"] = "blue"
    rows.loc[100:, "age"] = None
    rows.loc[81:95, "age"] = 99
    found = compare_hours(case, [stored_hour(case, START + 2 * HOUR, rows)])
    moved = {each.feature: "; ".join(each.moved) for each in found.features}
    assert "new categories: 81 rows (blue)" in moved["colour"]
    assert "missing: from 0.0% to 50.0% of the rows" in moved["age"]
    assert "15 rows above" in moved["age"]


def test_a_segment_is_compared_with_the_training_rows_of_that_segment(case: UseCase) -> None:
    rows = frame(300, seed=7)
    rows.loc[rows["colour"] == "red", "age"] = 12
    found = compare_hours(case, [stored_hour(case, START + 3 * HOUR, rows)], segments=True)
    worst = {name: (drifts[0].feature, drifts[0].verdict) for name, drifts in found.segments.items()}
    assert worst["colour=red"] == ("age", "drift")
    assert worst["colour=green"][1] == "stable"


def test_a_segment_with_few_rows_is_left_out(case: UseCase) -> None:
    rows = frame(120, seed=8)
    rows["colour"] = ["red"] * 20 + ["green"] * 100
    found = compare_hours(case, [stored_hour(case, START + 4 * HOUR, rows)], segments=True)
    assert set(found.segments) == {"colour=green"}


def test_few_rows_have_no_verdict_and_no_rows_are_no_traffic(case: UseCase) -> None:
    assert compare_hours(case, [stored_hour(case, START + 5 * HOUR, frame(20, seed=9))]).verdict == "too few rows"
    nothing = compare_hours(case, [])
    assert (nothing.verdict, nothing.version, nothing.features) == ("no traffic", None, ())


def test_the_champion_is_judged_even_if_another_version_has_answered_more(case: UseCase) -> None:
    def hour(version: int, rows: int) -> Hour:
        counts = TrafficCounts(rows=rows)
        return Hour(
            hosted="h", version=version, variant="v", start=START, read=START, counts=counts, profile="s3://b/p"
        )

    assert answering_version(case, [hour(1, 10), hour(2, 900)]) == 1
    assert answering_version(case, [hour(2, 900), hour(3, 10)]) == 2
    assert answering_version(case, [hour(1, 0)]) is None


def test_traffic_of_a_version_that_no_longer_exists_is_not_judged(case: UseCase) -> None:
    gone = stored_hour(case, START + 6 * HOUR, frame(100, seed=10), version=8)
    found = compare_hours(case, [gone])
    assert (found.version, found.verdict, found.features) == (8, "not judged", ())


def test_a_column_that_live_rows_lack_is_not_compared(released: tuple[UseCase, Champion]) -> None:
    case, _ = released
    fewer = case.model_copy(update={"features": ("age",)})
    hour = stored_hour(fewer, START + 7 * HOUR, frame(100, seed=11))
    assert "colour" not in {each.feature for each in compare_hours(case, [hour]).features}


@pytest.mark.parametrize("kind", [{"type": "text"}, {"type": "integer"}])
def test_a_version_that_was_trained_on_other_columns_is_not_judged(
    released: tuple[UseCase, Champion], kind: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    case, _ = released
    name = "age" if kind["type"] == "text" else "height"
    columns = {**case.model_dump(mode="json")["columns"], name: kind}
    changed = small_use_case(name=case.name, columns=columns, features=["age", "colour", *({name} - {"age"})])
    hour = stored_hour(changed, START + (20 + len(name)) * HOUR, frame(100, **{name: pd.array(["1"] * 100, "string")}))
    assert compare_hours(changed, [hour], segments=True).verdict == "not judged"
    assert "the columns have changed since" in caplog.text


def test_the_span_ends_with_the_present_hour() -> None:
    span = span_until(START + timedelta(minutes=25), timedelta(hours=24))
    assert (span.since, span.until) == (START - timedelta(hours=23), START + HOUR)


def test_a_comparison_reads_no_row_again(released: tuple[UseCase, Champion]) -> None:
    case, champion = released
    storage.delete([f"{champion.split.train_uri}/part-00000.parquet"])
    assert compare_hours(case, hours(case, span_until(START, timedelta(hours=1)))).verdict == "stable"
