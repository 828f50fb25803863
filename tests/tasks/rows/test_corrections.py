import json

import pyarrow as pa

from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.rows.corrections import corrected

BATCH = pa.RecordBatch.from_pylist(
    [
        {"age": None, "colour": None, UNREAD: json.dumps({"age": "old", "colour": "?"}), FILE: file, LINE: line}
        for file, line in (("a.csv", 2), ("a.csv", 3), ("b.csv", 2))
    ],
    schema=pa.schema(
        {
            "age": pa.int64(),
            "colour": pa.string(),
            UNREAD: pa.string(),
            FILE: pa.string(),
            LINE: pa.int64(),
            MALFORMED: pa.string(),
            TEXT: pa.string(),
        }
    ),
)


def test_a_correction_is_of_one_row_of_one_file_and_of_its_cells_only() -> None:
    found = corrected(BATCH, 1, {("b.csv", 2): {"age": 15}}).to_pylist()
    assert found[:2] == BATCH.to_pylist()[:2]
    assert found[2] == {**BATCH.to_pylist()[2], "age": 15, UNREAD: json.dumps({"colour": "?"})}


def test_without_corrections_of_its_rows_a_batch_does_not_change() -> None:
    assert corrected(BATCH, 1, {}) is BATCH
    assert corrected(BATCH, 1, {("b.csv", 3): {"age": 15}, (None, 2): {"age": 15}}) is BATCH
