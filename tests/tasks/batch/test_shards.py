"""Shards of rows."""

import numpy as np
import pyarrow as pa
import pytest

from config.errors import InvalidRows
from tasks.batch.shards import encoded, read_shard


def table(count: int) -> pa.Table:
    """Rows of random texts, which do not compress."""
    chance = np.random.default_rng(3)
    texts = [chance.bytes(100).hex() for _ in range(count)]
    return pa.table({"input_row": range(count), "source_line": range(count), "text": texts})


def test_a_shard_over_the_limit_is_divided_and_equal_rows_give_equal_bytes() -> None:
    rows, limit = table(1000), 40_000
    found = list(encoded(rows, limit))
    assert len(found) > 2
    assert all(len(content) <= limit for content, _ in found)
    assert sum(count for _, count in found) == 1000
    assert pa.Table.from_batches([read_shard(content) for content, _ in found]).to_pylist() == rows.to_pylist()
    assert [content for content, _ in encoded(rows, limit)] == [content for content, _ in found]


def test_a_row_that_is_larger_than_a_shard_is_refused() -> None:
    with pytest.raises(InvalidRows, match="row 0: expected at most 100 bytes as Parquet, found"):
        list(encoded(table(2), 100))
