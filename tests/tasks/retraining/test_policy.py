from datetime import UTC, datetime, timedelta

import pytest

from config.retraining import Retraining
from tasks.retraining.policy import refusal
from tasks.retraining.record import Outcome, RetrainingRecord

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Retraining(debounce_minutes=10, cool_down_hours=6, at_most_per_day=2)


def record(hours: float, outcome: Outcome | None = "refused", *, trained: bool = True) -> RetrainingRecord:
    """A retraining that started so many hours ago."""
    started = NOW - timedelta(hours=hours)
    return RetrainingRecord(
        use_case="c", number=1, events=("e",), reason="r", started=started, outcome=outcome,
        trained=started if trained else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        ([record(0.1)], "debounce_minutes, until 2026-03-02 12:04 UTC"),
        ([record(0.1, "nothing new", trained=False)], "debounce_minutes"),
        ([record(1)], "the last one started 60 minutes ago (cool_down_hours, until 2026-03-02 17:00 UTC)"),
        ([record(1, "nothing new", trained=False)], None),
        ([record(1, "refused", trained=False)], None),
        ([record(1, "failed", trained=False)], "cool_down_hours"),
        ([record(6)], None),
        ([record(-0.5)], "debounce_minutes"),
        ([record(-2)], None),
        ([record(1), record(-2)], "cool_down_hours"),
        ([record(20), record(7)], "2 have started within 24 hours (at_most_per_day, until 2026-03-02 16:00 UTC)"),
        ([record(24), record(7)], None),
        ([record(7), record(1, "nothing new", trained=False)], None),
        ([record(1), record(0.5, "nothing new", trained=False)], "cool_down_hours"),
    ],
)
def test_debounce_counts_every_record_and_cool_down_and_limit_those_that_trained_or_failed(
    history: list[RetrainingRecord], expected: str | None
) -> None:
    found = refusal(POLICY, history, NOW)
    assert (found is None) == (expected is None)
    assert (expected or "") in (found or "")


def test_a_policy_of_zeros_refuses_only_by_the_daily_limit() -> None:
    free = Retraining(debounce_minutes=0, cool_down_hours=0, at_most_per_day=24)
    assert refusal(free, [record(0)], NOW) is None
    assert refusal(free, [record(0)] * 24, NOW)
