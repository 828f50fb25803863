"""Rows in several files of a folder."""

import pyarrow as pa
import pytest

from tasks import storage
from tasks.rows import shards, stored_rows
from tasks.rows.shards import Shards, batches

SCHEMA = stored_rows.schema_of({"id": "Int64", "name": "string"})


def rows(first: int, count: int) -> pa.RecordBatch:
    numbers = range(first, first + count)
    return pa.RecordBatch.from_pydict({"id": list(numbers), "name": [f"n{number}" for number in numbers]}, SCHEMA)


def published(folder: str, *sizes: int, limit: int = 10) -> list[str]:
    """Publish batches of these sizes. Returns the names of the files."""
    with Shards(SCHEMA, limit) as written:
        for place, size in enumerate(sizes):
            written.write(rows(sum(sizes[:place]), size))
        assert written.rows == sum(sizes)
        files = written.finished()
        for name, body in files.items():
            storage.put(f"{folder}/{name}", body)
        return list(files)


@pytest.mark.parametrize(
    ("sizes", "files"), [((25,), 3), ((3, 4, 3), 1), ((7, 7), 2), ((10, 1), 2), ((0, 0), 1), ((), 1), ((95, 11), 11)]
)
def test_rows_are_cut_into_files_of_limited_size_whatever_the_batches(
    bucket: str, sizes: tuple[int, ...], files: int
) -> None:
    folder = f"s3://{bucket}/shards/{'-'.join(map(str, sizes))}"
    assert published(folder, *sizes) == [f"part-{number:05}.parquet" for number in range(files)]
    found = [batch for batch in batches(folder, size=4) if len(batch)]
    assert max([len(batch) for batch in found], default=0) <= 4
    assert [number for batch in found for number in batch["id"].to_pylist()] == list(range(sum(sizes)))


def test_only_the_columns_that_are_asked_for_are_read_and_other_files_are_no_rows(bucket: str) -> None:
    folder = f"s3://{bucket}/shards/columns"
    published(folder, 12)
    storage.put(f"{folder}/notes.txt", b"no rows")
    assert [batch.schema.names for batch in batches(folder, ["name"])] == [["name"]] * 2


def test_the_one_file_of_an_older_split_is_read(bucket: str) -> None:
    with Shards(SCHEMA) as written:
        written.write(rows(0, 3))
        storage.put(f"s3://{bucket}/shards/old/data.parquet", written.finished()["part-00000.parquet"])
    assert [len(batch) for batch in batches(f"s3://{bucket}/shards/old")] == [3]


def test_a_folder_without_rows_is_named(bucket: str) -> None:
    with pytest.raises(FileNotFoundError, match="shards/absent: expected Parquet files, found none"):
        next(batches(f"s3://{bucket}/shards/absent"))


def test_a_file_has_half_a_million_rows_by_default() -> None:
    assert shards.SHARD_ROWS == 500_000
