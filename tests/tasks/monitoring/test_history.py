"""What earlier runs have found of each day and week."""

from datetime import date, timedelta

import pytest

from config.use_case import UseCase
from tasks.monitoring import history
from tasks.monitoring.history import History
from tasks.references import LiveFigure, Span
from tests.tasks.monitoring.live_hours import START, frame, released_case, stored_hour

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = START + 2 * DAY


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    case, _ = released_case()
    stored_hour(case, START, frame(100, seed=3))
    stored_hour(case, START + HOUR, frame(100, seed=4))
    stored_hour(case, START + DAY, frame(100, seed=5, age=12))
    return case


def figure(value: float, *, days: int = 0, kind: str = "estimated") -> LiveFigure:
    since = START + days * DAY
    return LiveFigure.model_validate(
        {"metric": "roc_auc", "kind": kind, "span": Span(since=since, until=since + 7 * DAY), "value": value,
         "rows": 9, "version": 1}
    )  # fmt: skip


def test_each_day_is_the_merge_of_its_hours(case: UseCase) -> None:
    found = history.with_days(case, History(), NOW).days
    assert [(each.day, each.counts.rows, each.verdict) for each in found] == [
        (date(2026, 11, 20), 200, "stable"), (date(2026, 11, 21), 100, "drift"),
    ]  # fmt: skip
    assert found[1].drifted == ("age",)
    assert found[0].psi["age"] == 0
    assert found[1].psi["age"] > 1


def test_a_day_is_final_when_no_file_of_it_may_arrive_any_more(case: UseCase) -> None:
    first = history.with_days(case, History(), NOW)
    assert first.final_before == date(2026, 11, 22)
    stored_hour(case, START + 3 * HOUR, frame(60, seed=6))
    again = history.with_days(case, first, NOW)
    assert again.days == first.days
    assert history.with_days(case, History(), NOW).days[0].counts.rows == 260


def test_days_that_may_change_are_computed_again(case: UseCase) -> None:
    late = case.model_copy(update={"monitoring": case.monitoring.model_copy(update={"late_hours": 48})})
    first = history.with_days(late, History(), NOW)
    assert first.final_before == date(2026, 11, 20)
    stored_hour(case, START + DAY + HOUR, frame(60, seed=7))
    assert history.with_days(late, first, NOW).days[1].counts.rows == first.days[1].counts.rows + 60


def test_a_day_after_a_year_is_forgotten(case: UseCase) -> None:
    known = history.with_days(case, History(), NOW)
    assert history.with_days(case, known, NOW + 400 * DAY).days == ()


def test_a_later_figure_of_the_same_week_replaces_the_earlier_one(case: UseCase) -> None:
    first = history.with_figures(History(), [figure(0.7), figure(0.6, days=7)], NOW)
    again = history.with_figures(first, [figure(0.8), figure(0.75, kind="measured")], NOW)
    assert [(each.value, each.kind) for each in again.figures] == [
        (0.8, "estimated"), (0.75, "measured"), (0.6, "estimated"),
    ]  # fmt: skip


def test_a_stored_history_is_read_as_it_was_and_none_is_empty(case: UseCase) -> None:
    assert history.read(case) == History()
    known = history.with_figures(history.with_days(case, History(), NOW), [figure(0.7)], NOW)
    history.save(case, known)
    assert history.read(case) == known


def test_after_a_clock_that_was_ahead_the_days_are_computed_again(case: UseCase) -> None:
    ahead = history.with_days(case, History(), NOW + 100 * DAY)
    assert ahead.final_before > NOW.date()
    found = history.with_days(case, ahead, NOW)
    assert [each.day for each in found.days] == [date(2026, 11, 20), date(2026, 11, 21)]
    assert found.final_before == date(2026, 11, 22)
