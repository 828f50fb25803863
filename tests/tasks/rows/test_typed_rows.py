import json

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tabular.formats import USUAL, Format
from tasks.model_contract import LINE, MALFORMED, TEXT, UNREAD
from tasks.rows.stored_rows import frame_of
from tasks.rows.typed_rows import ADDED, TypedRows, stored_schema
from tasks.sources.source import with_reserved
from tests.use_cases import small_use_case

GOOD: dict[str, list[object]] = {
    "id": ["1", "2"],
    "age": ["15", "old"],
    "colour": ["red", None],
    "origin": ["here"] * 2,
    "passed": ["no", "yes"],
}


def typed(cells: dict[str, list[object]], case: UseCase | None = None, format: Format = USUAL) -> pd.DataFrame:
    """The typed rows of one batch."""
    rows = TypedRows(case or small_use_case(), "rows.csv", format)
    return frame_of(rows.typed(with_reserved(pa.RecordBatch.from_pydict(cells))))


def test_a_batch_has_the_stored_schema_for_any_order_of_columns_and_other_columns() -> None:
    case = small_use_case()
    raw = with_reserved(pa.RecordBatch.from_pydict({"more": [1, 2], **dict(reversed(GOOD.items()))}))
    batch = TypedRows(case, "rows.csv", USUAL).typed(raw)
    assert batch.schema == stored_schema(case)
    assert batch.schema.names == [*case.columns, *ADDED]


def test_what_can_not_be_read_is_missing_and_kept_as_text() -> None:
    frame = typed(GOOD)
    assert frame["age"].tolist() == [15, pd.NA]
    assert [json.loads(cells) if cells else None for cells in frame[UNREAD]] == [None, {"age": "old"}]
    assert frame[MALFORMED].isna().all()


def test_the_line_the_reason_and_the_text_of_a_row_come_from_the_source() -> None:
    raw = with_reserved(
        pa.RecordBatch.from_pydict(GOOD),
        pa.array([2, 3]),
        pa.array([None, "expected 5 cells"], pa.large_string()),
        pa.array([None, "1,2"], pa.large_string()),
    )
    frame = frame_of(TypedRows(small_use_case(), "rows.csv", USUAL).typed(raw))
    assert frame[LINE].tolist() == [2, 3]
    assert frame[[MALFORMED, TEXT]].iloc[1].tolist() == ["expected 5 cells", "1,2"]


def test_numbers_are_read_with_the_marks_of_their_file() -> None:
    columns = {**small_use_case().model_dump()["columns"], "hours": {"type": "number"}}
    hours: list[object] = ["1.234,5", "7,25"]
    frame = typed({**GOOD, "hours": hours}, small_use_case(columns=columns), Format(decimal=",", thousands="."))
    assert frame["hours"].tolist() == [1234.5, 7.25]


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    absent = {name: cells for name, cells in GOOD.items() if name != "age"}
    with pytest.raises(SourceError, match=r"^rows\.csv: lacks 1 column\(s\): expected 'age'; found 'id', 'colour'"):
        typed(absent)


def test_a_column_of_lists_is_refused_by_its_name() -> None:
    with pytest.raises(SourceError, match="expected columns of single values, found 'age' of list"):
        typed({**GOOD, "age": [[1], [2]]})
