"""Part files: equal rows are equal files, and a failure leaves none behind."""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import VishwaOpsError
from tasks import storage
from tasks.landing import part_files
from tasks.landing.part_files import PartFiles, group_rows

SCHEMA = pa.schema({"number": pa.float64(), "word": pa.string()})
ROWS = pa.RecordBatch.from_pydict(
    {"number": [row / 7 if row % 5 else None for row in range(100)], "word": [f"w{row % 3}" for row in range(100)]},
    schema=SCHEMA,
)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups of 8 rows, and parts of 32."""
    monkeypatch.setattr(part_files, "group_rows", lambda columns: 8)


@pytest.fixture
def prefix(bucket: str, request: pytest.FixtureRequest) -> Iterator[str]:
    yield f"s3://{bucket}/part-files/{request.node.name}"


def written(prefix: str, batch_rows: int) -> list[str]:
    with PartFiles(prefix, SCHEMA) as parts:
        for first in range(0, len(ROWS), batch_rows):
            parts.write(ROWS.slice(first, batch_rows))
        return parts.finished()


def test_rows_are_in_numbered_parts_in_order(prefix: str) -> None:
    files = written(prefix, 7)
    assert files == [f"{prefix}/part-{number:05d}.parquet" for number in range(4)]
    parts = [pq.read_table(io.BytesIO(storage.get(file))) for file in files]
    assert [len(part) for part in parts] == [32, 32, 32, 4]
    assert pa.concat_tables(parts).equals(pa.Table.from_batches([ROWS]))


def test_equal_rows_are_equal_files_for_any_size_of_batches(prefix: str) -> None:
    contents = [[storage.get(file) for file in written(f"{prefix}/{size}", size)] for size in (1, 9, 100)]
    assert contents[0] == contents[1] == contents[2]


def test_files_with_long_texts_do_not_depend_on_the_batches_either(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_files, "group_rows", lambda columns: 4_096)
    texts = [f"{hash(row):0500x}" for row in range(4_096)]
    batch = pa.RecordBatch.from_pydict({"number": [None] * len(texts), "word": texts}, schema=SCHEMA)
    contents = []
    for size in (4_096, 700):
        with PartFiles(f"{prefix}/{size}", SCHEMA) as parts:
            for first in range(0, len(texts), size):
                parts.write(batch.slice(first, size))
            contents.append(storage.get(parts.finished()[0]))
    assert contents[0] == contents[1]


def test_no_rows_are_no_files(prefix: str) -> None:
    with PartFiles(prefix, SCHEMA) as parts:
        parts.write(ROWS.slice(0, 0))
        assert parts.finished() == []


def test_leaving_before_the_end_deletes_the_parts(prefix: str) -> None:
    with pytest.raises(KeyError), PartFiles(prefix, SCHEMA) as parts:
        parts.write(ROWS)
        raise KeyError
    assert not storage.exists(prefix)


def test_a_failed_upload_is_raised_and_leaves_no_part(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put = storage.put

    def fail_second(uri: str, body: bytes) -> None:
        if "00001" in uri:
            raise VishwaOpsError("the disk is full")
        put(uri, body)

    monkeypatch.setattr(storage, "put", fail_second)
    with pytest.raises(VishwaOpsError, match="the disk is full"):
        written(prefix, 50)
    assert not storage.exists(prefix)


@pytest.mark.parametrize(("columns", "rows"), [(1, 65_536), (40, 65_536), (1_000, 4_096), (10_000, 1_024)])
def test_a_wide_table_has_fewer_rows_in_a_group(columns: int, rows: int) -> None:
    assert group_rows(columns) == rows


def test_columns_that_repeat_their_values_have_a_dictionary(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_files, "group_rows", lambda columns: 100)
    schema = pa.schema({"distinct": pa.float64(), "few": pa.int64(), "word": pa.string()})
    columns = [[row / 7 for row in range(100)], [row % 9 for row in range(100)], [str(row) for row in range(100)]]
    with PartFiles(prefix, schema) as parts:
        parts.write(pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=schema))
        (file,) = parts.finished()
    group = pq.read_metadata(io.BytesIO(storage.get(file))).row_group(0)
    assert [group.column(place).has_dictionary_page for place in range(3)] == [False, True, True]
