"""A column of categories, batch by batch."""

import pyarrow as pa
import pytest

from tasks.profiles.category_column import CategoryColumn
from tasks.profiles.category_counts import LIMIT


def column(*batches: pa.Array) -> CategoryColumn:
    found = CategoryColumn()
    for batch in batches:
        found.add(batch)
    return found


def test_each_value_is_counted_and_null_is_missing() -> None:
    found = column(pa.array(["red", None, "red"]), pa.array(["", "green"])).summary()
    assert (found.count, found.missing, found.distinct, found.complete) == (5, 1, 3, True)
    assert list(found.frequent.items()) == [("red", 2), ("", 1), ("green", 1)]


def test_a_dictionary_may_have_a_value_twice_and_null_as_a_value() -> None:
    batch = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 2, None]), pa.array(["red", "red", None]))
    found = column(batch).summary()
    assert (found.count, found.missing, found.frequent) == (5, 3, {"red": 2})


def test_merged_columns_count_the_rows_of_both() -> None:
    found = column(pa.array(["red", None]))
    found.merge(column(pa.array(["red", "green", None])))
    assert found.summary() == column(pa.array(["red", None, "red", "green", None])).summary()


def test_of_many_values_the_column_has_a_sample_and_estimates() -> None:
    values = [f"v{number}" for number in range(LIMIT + 500)] + ["often"] * 900
    found = column(pa.array(values)).summary()
    assert not found.complete
    assert (len(found.sample), sum(found.buckets)) == (LIMIT, len(values))
    assert found.distinct == pytest.approx(LIMIT + 501, rel=0.05)
    assert next(iter(found.frequent)) == "often"


def test_a_column_without_rows_is_empty() -> None:
    found = column(pa.nulls(0, pa.string())).summary()
    assert (found.count, found.missing, found.distinct, found.frequent) == (0, 0, 0, {})
