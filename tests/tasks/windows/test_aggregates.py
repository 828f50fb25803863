"""Windows equal a slow reference that looks at every pair of rows, on random histories."""

from typing import get_args

import numpy as np
import pytest

from config.windows import Aggregate
from tasks.windows.aggregates import DAY, Earlier, aggregated, combined

KINDS = get_args(Aggregate)


def reference(kind: str, history: list[tuple[int, int, float]], key: int, at: int, span: int | None) -> float:
    """The aggregate of one row, by its definition: `history` has the key, the time and the value of each row."""
    rows = [(time, value) for other, time, value in history if other == key and time < at]
    rows = sorted((time, value) for time, value in rows if (span is None or time >= at - span) and value == value)
    values = [value for _, value in rows]
    if kind == "count":
        return len(values)
    if not values:
        return np.nan
    if kind == "days_since_last":
        return (at - rows[-1][0]) / DAY
    return {"mean": sum(values) / len(values), "sum": sum(values), "min": min(values), "max": max(values),
            "last": values[-1]}[kind]  # fmt: skip


def test_10_000_random_histories_equal_the_reference() -> None:
    chance = np.random.default_rng(7)
    for number in range(10_000):
        count, keys = int(chance.integers(0, 9)), int(chance.integers(1, 4))
        own, at = chance.integers(0, keys, count), chance.integers(-4, 5, count) * DAY // 2
        values = np.where(chance.random(count) < 0.2, np.nan, chance.integers(-8, 9, count) / 4)
        kind, span = KINDS[number % len(KINDS)], [None, DAY, 3 * DAY][number % 3]
        history = list(zip(own.tolist(), at.tolist(), values.tolist(), strict=True))
        asked, times = np.append(own, [-1, 0]), np.append(at, [DAY, 9 * DAY])
        found = aggregated(kind, Earlier.sorted(own, at, values), asked, times, span)
        expected = [reference(kind, history, *row, span) for row in zip(asked.tolist(), times.tolist(), strict=True)]
        assert np.array_equal(found, expected, equal_nan=True), (kind, span, history)


def test_ranges_longer_than_a_block_are_combined_from_blocks_without_a_loss() -> None:
    values = np.random.default_rng(1).normal(size=5_000)
    first = np.arange(0, 4_000, 7)
    end = first + np.arange(len(first)) % 1_000
    for combine, plain in ((np.add, np.sum), (np.minimum, np.min), (np.maximum, np.max)):
        expected = [plain(values[a:b]) if b > a else np.nan for a, b in zip(first, end, strict=True)]
        assert combined(values, first, end, combine) == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def test_a_large_value_of_another_row_or_key_changes_no_digit() -> None:
    keys, times = np.array([0, 1, 1, 1]), np.array([0, 1, 2, 3])
    found = aggregated("sum", Earlier.sorted(keys, times, np.array([1e300, 1e300, 0.1, 0.2])), keys, times, 2)
    alone = aggregated("sum", Earlier.sorted(keys[1:], times[1:], np.array([1e300, 0.1, 0.2])), np.array([1]),
                       np.array([4]), 2)  # fmt: skip
    assert alone.tolist() == [0.1 + 0.2]
    assert found[1:2].tolist() != found[1:2].tolist(), "nothing is earlier"


def test_the_span_begins_at_its_first_moment_and_ends_before_the_row() -> None:
    earlier = Earlier.sorted(np.zeros(4, np.int64), np.array([0, 5, 10, 10]), np.array([1.0, 2.0, 4.0, 8.0]))
    at = np.array([5, 10, 11, 15])
    assert aggregated("sum", earlier, np.zeros(4, np.int64), at, 5).tolist() == [1, 2, 12, 12]
    assert aggregated("last", earlier, np.zeros(4, np.int64), at, None).tolist() == [1, 2, 8, 8]
