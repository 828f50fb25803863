"""A column of numbers, or of the lengths of texts, batch by batch."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest

from tasks.profiles.number_column import BUFFERED, NumberColumn


def column(*batches: Any, kind: Literal["integer", "number", "text"] = "number") -> NumberColumn:
    found = NumberColumn(kind)
    for batch in batches:
        found.add(pa.array(batch))
    return found


def histogram(found: NumberColumn) -> dict[float, int]:
    distribution = found.summary().distribution
    assert distribution
    assert distribution.histogram
    return dict(zip(distribution.histogram.low, distribution.histogram.rows, strict=True))


def test_null_nan_and_infinite_values_are_missing() -> None:
    found = column([1.5, None, float("nan")], [float("inf"), -2.0, 1.5])
    summary = found.summary()
    assert (summary.count, summary.missing, summary.distinct) == (6, 3, 2)
    assert histogram(found) == {-2.0: 1, 1.5: 2}
    assert summary.distribution
    assert (summary.distribution.minimum, summary.distribution.maximum) == (-2, 1.5)
    assert found.moments == pytest.approx((3, 1 / 3, np.std([1.5, -2, 1.5], ddof=1)))


def test_a_text_is_its_length_in_characters() -> None:
    found = column(["", "né", None, "\N{SNOWMAN}" * 2], kind="text")
    assert (found.summary().type, found.summary().missing, histogram(found)) == ("text", 1, {0: 1, 2: 2})


def test_a_column_without_a_number_has_no_distribution() -> None:
    summary = column(pa.nulls(3, pa.float64())).summary()
    assert (summary.count, summary.missing, summary.distinct, summary.distribution) == (3, 3, 0, None)


def test_merged_columns_count_the_numbers_of_both() -> None:
    found = column([1, 2], kind="integer")
    found.merge(column([2, None, 9], kind="integer"))
    assert found.summary() == column([1, 2, 2, None, 9], kind="integer").summary()
    assert found.sketches.distribution.get_n() == 4


def test_full_buffers_are_counted_as_one_batch_is() -> None:
    values = np.random.default_rng(1).integers(0, 50, BUFFERED + 900)
    parts = column(values[:100], values[100 : BUFFERED + 1], values[BUFFERED + 1 :], kind="integer")
    names, rows = np.unique(values, return_counts=True)
    assert histogram(parts) == dict(zip(names.tolist(), rows.tolist(), strict=True))
    assert parts.moments == pytest.approx((len(values), values.mean(), values.std(ddof=1)))
