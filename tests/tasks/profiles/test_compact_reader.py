"""Compact profiles, read column by column."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.profiles import compact
from tasks.profiles.category_counts import LIMIT
from tasks.profiles.compact_reader import CompactProfiles, described
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import CategoryProfile, Profile

FEATURES = {"x": "number", "c": "category"}


def of_rows(x: list[float | None], c: list[str | None]) -> Profile:
    table = pa.table({"x": pa.array(x, pa.float64()), "c": pa.array(c, pa.string())})
    return profile(table.to_batches(), FEATURES).summary()  # type: ignore[arg-type]


ONE = of_rows([1.0, 1.0, None], ["red", "green", "red"])
OTHER = of_rows([4.0, 2.0], ["red", None])
EMPTY = of_rows([None], [None])


def turned(found: Profile) -> Profile:
    """The profile with its columns in another order."""
    return found.model_copy(update={"columns": dict(reversed(found.columns.items()))})


def read(*profiles: Profile) -> CompactProfiles:
    return CompactProfiles([compact.to_bytes(each) for each in profiles])


def test_the_figures_of_a_column_are_side_by_side_whatever_the_order_of_columns() -> None:
    found = read(ONE, turned(OTHER), EMPTY)
    assert (found.types, found.rows) == (FEATURES, 6)
    numbers = found.of_numbers(0)
    assert (numbers.count.tolist(), numbers.missing.tolist(), numbers.distinct.tolist()) == (
        [3, 2, 1],
        [1, 0, 1],
        [1, 2, 0],
    )
    assert (numbers.minimum[:2].tolist(), numbers.maximum[:2].tolist()) == ([1, 2], [1, 4])
    assert np.isnan(numbers.mean[2])
    assert numbers.known.tolist() == [True, True, False]
    assert sorted(zip(numbers.bins.numbers()[0].tolist(), numbers.bins.rows.tolist(), strict=True)) == [
        (1.0, 2), (2.0, 1), (4.0, 1),
    ]  # fmt: skip


def test_complete_categories_are_their_sum() -> None:
    assert read(ONE, turned(OTHER), EMPTY).of_categories(1) == [
        CategoryProfile(count=6, missing=2, distinct=2, frequent={"red": 3, "green": 1})
    ]


def test_categories_with_a_sample_stay_apart() -> None:
    values: list[str | None] = [f"v{number}" for number in range(LIMIT + 1)]
    many = of_rows([None] * len(values), values)
    assert read(ONE, many).of_categories(1) == [ONE.columns["c"], many.columns["c"]]


def test_profiles_of_other_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in c"):
        read(ONE, Profile(rows=2, columns={"x": OTHER.columns["x"]}))
    with pytest.raises(ValueError, match="at least one profile"):
        read()


def test_an_arrow_stream_of_another_schema_is_refused() -> None:
    about = described(3).metadata
    batch = pa.RecordBatch.from_pydict({"name": ["x"]}).replace_schema_metadata(about)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    with pytest.raises(ValueError, match="found an Arrow stream of another schema"):
        CompactProfiles([bytes(sink.getvalue())])
