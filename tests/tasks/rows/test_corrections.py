import json
from datetime import datetime
from typing import Any

import pyarrow as pa

from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.rows.corrections import Correction, Corrections, content_digest

SCHEMA = pa.schema(
    {
        "age": pa.int64(),
        "colour": pa.string(),
        "day": pa.timestamp("us"),
        UNREAD: pa.string(),
        FILE: pa.string(),
        LINE: pa.int64(),
        MALFORMED: pa.string(),
        TEXT: pa.string(),
    }
)
UNREAD_CELLS = json.dumps({"age": "old", "colour": "?"})
BATCH = pa.RecordBatch.from_pylist(
    [{UNREAD: UNREAD_CELLS, FILE: file, LINE: line} for file, line in (("a.csv", 2), ("a.csv", 3), ("b.csv", 2))],
    schema=SCHEMA,
)


def of(batch: pa.RecordBatch, at: int, **changes: Any) -> Correction:
    row = batch.to_pylist()[at]
    known = {"file": row[FILE], "line": row[LINE], "row": at, "original": content_digest(row), "cells": {"age": 15}}
    return Correction.model_validate({**known, **changes})


def test_a_correction_is_of_one_row_of_one_file_and_of_its_cells_only() -> None:
    work = Corrections([of(BATCH, 2)])
    found = work.apply(BATCH, 0).to_pylist()
    assert found[:2] == BATCH.to_pylist()[:2]
    assert found[2] == {**BATCH.to_pylist()[2], "age": 15, UNREAD: json.dumps({"colour": "?"})}
    assert (len(work.applied), work.unmatched, work.rows, work.mended) == (1, [], 1, 0)


def test_without_corrections_of_its_rows_a_batch_does_not_change() -> None:
    assert Corrections().apply(BATCH, 0) is BATCH
    work = Corrections([of(BATCH, 2, line=3), of(BATCH, 2, file=None), of(BATCH, 1, line=None)])
    assert work.apply(BATCH, 0) is BATCH
    assert len(work.unmatched) == 3


def test_a_row_with_another_content_or_without_the_column_is_not_corrected() -> None:
    work = Corrections([of(BATCH, 0, original="other"), of(BATCH, 1, cells={"size": 1})])
    assert work.apply(BATCH, 0) is BATCH
    assert (work.applied, len(work.unmatched)) == ([], 2)


def test_rows_without_lines_are_found_by_their_number_also_in_a_later_batch() -> None:
    batch = pa.RecordBatch.from_pylist([{"age": 1, UNREAD: ""}, {"age": 2, UNREAD: ""}], schema=SCHEMA)
    work = Corrections([of(batch, 1, row=11)])
    assert work.apply(batch, 0) is batch
    assert work.apply(batch, 10)["age"].to_pylist() == [1, 15]


def test_a_malformed_row_becomes_a_sound_one_with_its_cells_and_dates() -> None:
    batch = pa.RecordBatch.from_pylist([{UNREAD: "", LINE: 2, MALFORMED: "2 cells", TEXT: "a,b"}], schema=SCHEMA)
    work = Corrections([of(batch, 0, cells={"age": 15, "day": "2020-02-01 10:00:00", "colour": None})])
    found = work.apply(batch, 0).to_pylist()[0]
    assert (found["age"], found["day"], found[MALFORMED], found[TEXT]) == (15, datetime(2020, 2, 1, 10), None, None)
    assert work.mended == 1
