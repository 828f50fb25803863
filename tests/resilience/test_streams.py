"""`python -m tests.resilience streams` kills consumers; tests/tasks/streaming does it with fewer records."""

from dataclasses import replace

import pytest

from tests.resilience.endings import table
from tests.resilience.streams import KILLS, Consumed
from tests.tasks.streaming.consumers import KEYS, out_of_order

WHOLE = Consumed(
    "kafka", 100, KILLS, commits=50, lost_races=3, missing=0, twice=0, out_of_order=0, seconds_to_end=1, seconds=60
)


@pytest.mark.parametrize(
    "change", [{"missing": 1}, {"twice": 1}, {"out_of_order": 1}, {"kills": KILLS - 1}, {"seconds_to_end": 10.5}]
)
def test_lost_doubled_and_exchanged_records_are_detected(change: dict[str, float]) -> None:
    assert WHOLE.as_it_should_be
    outcome = replace(WHOLE, **change)  # type: ignore[arg-type]
    assert not outcome.as_it_should_be
    assert table([outcome]).endswith("✗ |")


def test_records_of_a_key_that_landed_in_another_order_are_found() -> None:
    assert out_of_order([0, 1, KEYS, KEYS + 1]) == []
    assert out_of_order([0, KEYS + 1, KEYS, 1]) == [1]
