"""The history with a real S3: of events at the same time one starts, and a killed retraining is continued."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest

from config.retraining import Retraining
from config.use_case import UseCase
from tasks import storage
from tasks.retraining import history
from tasks.retraining.history import Cause, begin, read, update
from tasks.retraining.record import RetrainingRecord
from tests.tasks.releases import new_use_case

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case(
        source={"kind": "synthetic_survey", "respondents": 60, "seed": 1},
        retraining={"cool_down_hours": 6, "at_most_per_day": 3},
    )


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins a retraining is a process of another machine, which sends no sign of life later."""
    monkeypatch.setattr(history, "host", lambda: "another machine")


def caused(event: str, *, automatic: bool = True) -> Cause:
    return Cause(event, f"because of {event}", automatic=automatic)


def at_once(calls: Sequence[Callable[[], RetrainingRecord]]) -> list[RetrainingRecord]:
    """Call them all at the same time, and return what they return."""
    together = Barrier(len(calls))

    def call(function: Callable[[], RetrainingRecord]) -> RetrainingRecord:
        together.wait()
        return function()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def ended(record: RetrainingRecord) -> RetrainingRecord:
    return update(record, outcome="refused", trained=record.started, ended=record.started)


def test_events_at_the_same_time_start_one_retraining(case: UseCase) -> None:
    found = at_once([partial(begin, case, caused(f"e{number}"), now=NOW) for number in range(4)])
    assert sorted(each.outcome or "started" for each in found) == ["not started"] * 3 + ["started"]
    assert [each.why for each in found if each.why] == [("retraining 1 is in progress since 2026-03-02 12:00 UTC",)] * 3
    assert [each.number for each in read(case.name)] == [1]


def test_an_event_whose_retraining_has_ended_changes_nothing(case: UseCase) -> None:
    done = ended(begin(case, caused("e1"), now=NOW))
    assert begin(case, caused("e1"), now=LATER) == done
    assert read(case.name) == [done]


def test_the_policy_refuses_an_event_and_lets_a_person(case: UseCase) -> None:
    ended(begin(case, caused("e1"), now=NOW))
    refused = begin(case, caused("e2"), now=LATER)
    assert (refused.outcome, refused.number) == ("not started", 0)
    assert "cool_down_hours" in refused.why[0]
    assert begin(case, caused("flow-run 1", automatic=False), now=LATER).number == 2


def test_without_retraining_in_the_use_case_no_event_starts_one(case: UseCase) -> None:
    without = case.model_copy(update={"retraining": None})
    assert begin(without, caused("e1"), now=NOW).why == ("the use case has no `retraining`",)
    assert begin(without, caused("flow-run 1", automatic=False), now=NOW).number == 1


@pytest.mark.usefixtures("elsewhere")
def test_a_killed_retraining_is_continued_by_its_event(case: UseCase) -> None:
    killed = begin(case, caused("e1"), now=NOW)
    assert begin(case, caused("e1"), now=NOW + timedelta(seconds=30)).outcome == "not started"  # it may be alive
    continued = begin(case, caused("e1"), now=LATER)
    assert (continued.number, continued.events, continued.continued) == (1, ("e1",), LATER)
    with pytest.raises(storage.Changed, match="another process has continued this retraining"):
        update(killed, outcome="refused")


@pytest.mark.usefixtures("elsewhere")
def test_of_events_at_the_same_time_one_continues_a_killed_retraining(case: UseCase) -> None:
    begin(case, caused("e1"), now=NOW)
    found = at_once([partial(begin, case, caused(f"e{number}"), now=LATER) for number in range(2, 5)])
    assert sorted(each.outcome or "started" for each in found) == ["not started"] * 2 + ["started"]
    (one,) = read(case.name)
    assert len(one.events) == 2
    assert one.events[0] == "e1"
    assert one.reason == "because of e1"


@pytest.mark.usefixtures("elsewhere")
def test_a_retraining_whose_run_was_killed_is_continued(case: UseCase) -> None:
    update(begin(case, caused("e1"), now=NOW), run="20260302-120000-00000000", trained=NOW)  # without a heartbeat
    continued = begin(case, caused("e2"), now=LATER)
    assert (continued.number, continued.run, continued.trained) == (1, None, NOW)


def test_a_failed_retraining_is_repeated_by_its_own_event_only(case: UseCase) -> None:
    update(begin(case, caused("e1"), now=NOW), outcome="failed", why=("no",))
    assert begin(case, caused("e2"), now=LATER).outcome == "not started"
    again = begin(case, caused("e1"), now=LATER)
    assert (again.number, again.outcome, again.why) == (1, None, ())


def test_a_write_whose_response_was_lost_is_no_conflict(case: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    put_if = storage.put_if

    def lost(uri: str, body: bytes, version: str | None) -> None:
        put_if(uri, body, version)
        raise storage.Changed(uri)

    monkeypatch.setattr(storage, "put_if", lost)
    assert begin(case, caused("e1"), now=NOW).number == 1


def test_the_last_records_are_read_in_their_order(case: UseCase) -> None:
    free = case.model_copy(update={"retraining": Retraining(debounce_minutes=0, cool_down_hours=0, at_most_per_day=24)})
    for number in range(3):
        ended(begin(free, caused(f"e{number}"), now=NOW + timedelta(hours=number)))
    assert [each.number for each in read(case.name, last=2)] == [2, 3]
