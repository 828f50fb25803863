"""Rows in Parquet files of a folder in S3."""

import pyarrow as pa
import pyarrow.parquet as pq

from tasks import storage
from tasks.batch.parts import PartWriter
from tests.sagemaker_local.support import unique

SCHEMA = pa.schema({"row": pa.int64()})


def test_a_part_is_stored_when_it_is_full_and_the_rest_at_the_end(bucket: str) -> None:
    folder = f"s3://{bucket}/{unique('parts')}"
    with PartWriter(folder, SCHEMA, part_rows=3) as writer:
        writer.write(pa.RecordBatch.from_pydict({"row": [0, 1, 2, 3, 4, 5, 6]}, SCHEMA))
        assert parts(folder) == {"part-00000.parquet": [0, 1, 2], "part-00001.parquet": [3, 4, 5]}
        writer.finish()
        writer.finish()
        assert writer.rows == 7
    assert parts(folder)["part-00002.parquet"] == [6]
    assert len(parts(folder)) == 3


def test_without_rows_there_is_no_part(bucket: str) -> None:
    folder = f"s3://{bucket}/{unique('parts')}"
    with PartWriter(folder, SCHEMA) as writer:
        writer.finish()
    assert parts(folder) == {}


def parts(folder: str) -> dict[str, list[int]]:
    found = {}
    for name in storage.names(folder):
        with storage.opened(f"{folder}/{name}") as file:
            found[name] = pq.read_table(file)["row"].to_pylist()
    return found
