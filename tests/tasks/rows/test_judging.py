"""Checks of batches of stored rows."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.use_case import UseCase
from tasks.rows.judging import MALFORMED_ROW, Judge, among_all_rows, quarantine_schema, quarantined
from tasks.rows.stored_rows import RowFile
from tasks.rows.suites import build_suite
from tasks.rows.typed_rows import stored_schema
from tests.use_cases import small_use_case

GOOD: dict[str, Any] = {
    "id": 1, "age": 15, "colour": "red", "origin": "here", "passed": "no", "unread_cells": "", "source_line": 2,
    "malformed": None, "text": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def case() -> UseCase:
    return small_use_case()


def batch(case: UseCase, *changes: dict[str, Any]) -> pa.RecordBatch:
    """Good rows with unique ids, each with changes."""
    rows = [{**GOOD, "id": number, **change} for number, change in enumerate(changes, 1)]
    return pa.RecordBatch.from_pylist(rows, schema=stored_schema(case))


def judge(case: UseCase, *batches: pa.RecordBatch) -> list[Any]:
    """The verdicts on the batches of one dataset."""
    suite = build_suite(case)
    with RowFile(stored_schema(case)) as file:
        for each in batches:
            file.write(each)
        stored = pq.ParquetFile(io.BytesIO(file.finished().read()))
    judging = Judge(case, suite, among_all_rows(suite, stored))
    return [judging.judge(each) for each in batches]


def test_a_row_fits_or_lacks_only_its_target_or_has_reasons(case: UseCase) -> None:
    (found,) = judge(
        case, batch(case, {}, {"passed": None}, {"age": 99}, {"age": 99, "passed": None}, {"colour": None})
    )
    assert found.kept.tolist() == [True, False, False, False, True]
    assert found.without_target.tolist() == [False, True, False, False, False]
    age = "age: expected a whole number from 10 to 30, found 99"
    target = "passed: expected one of no, yes, found nothing"
    assert {row: sorted(reasons) for row, reasons in found.reasons.items()} == {2: [age], 3: [age, target]}


def test_a_cell_that_could_not_be_read_is_one_reason_with_its_text(case: UseCase) -> None:
    (found,) = judge(case, batch(case, {"age": None, "unread_cells": '{"age": "old"}'}, {"age": None}))
    assert found.reasons == {
        0: ["age: expected a whole number from 10 to 30, found 'old'"],
        1: ["age: expected a whole number from 10 to 30, found nothing"],
    }


def test_a_malformed_row_is_judged_by_nothing_else(case: UseCase) -> None:
    empty = dict.fromkeys(case.columns)
    (found,) = judge(case, batch(case, {**empty, "malformed": "expected 5 cells", "text": "1,2"}, {}))
    assert found.reasons == {0: [f"{MALFORMED_ROW}: expected 5 cells"]}
    assert found.kept.tolist() == [False, True]


def test_a_key_that_comes_again_in_a_later_batch_is_a_reason_in_both(case: UseCase) -> None:
    first, second = judge(case, batch(case, {}, {"id": 7}), batch(case, {"id": 8}, {"id": 7}, {"id": 9}))
    repeated = ["id: expected unique values, found another row with the same"]
    assert (first.reasons, second.reasons) == ({1: repeated}, {1: repeated})


def test_quarantined_rows_have_their_number_in_the_dataset_and_their_reasons(case: UseCase) -> None:
    rows = batch(case, {}, {"age": 99}, {"malformed": "why", "text": "1,2"})
    schema = quarantine_schema(stored_schema(case), "row", "reasons")
    found = quarantined(rows, 1000, {1: ["a", "b"], 2: ["c"]}, schema)
    assert found.schema == schema
    assert "malformed" not in found.schema.names
    assert found.column("row").to_pylist() == [1001, 1002]
    assert found.column("reasons").to_pylist() == [["a", "b"], ["c"]]
    assert found.column("text").to_pylist() == [None, "1,2"]
    assert np.array_equal(found.column("id"), rows.column("id")[1:])
