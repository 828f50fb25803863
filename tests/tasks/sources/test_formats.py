"""The same table in every format and compression gives the same typed rows."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.sources.location import open_address
from tests.source_rows import gathered, typed_frame
from tests.tables import COMPRESSIONS, FORMATS, Table
from tests.use_cases import small_use_case

CASE = small_use_case(
    key=["id"],
    columns={
        "id": {"type": "integer"},
        "age": {"type": "number", "nullable": True},
        "colour": {"type": "category", "nullable": True},
        "passed": {"type": "category", "categories": ["no", "yes"]},
        "paid": {"type": "category", "categories": ["off", "on"], "nullable": True},
        "day": {"type": "date", "nullable": True},
    },
)
COMPARED = ["id", "age", "colour", "passed", "paid", "day", "unread_cells", "malformed", "text"]
TABLE: Table = {
    "id": [740245381351497, 2, 3, 4],
    "age": [20.5, None, -3.0, 1e-7],
    "colour": ["red", None, 'a "quoted", word', "Málaga, ☃"],
    "passed": [True, False, True, True],
    "paid": [True, False, None, True],
    "day": [date(2018, 1, 30), None, date(1999, 12, 31), date(2024, 2, 29)],
}


def typed(content: bytes, folder: Path, name: str = "rows") -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content)
    return typed_frame(CASE, open_address(str(path), headers=list(CASE.headers.values())))[COMPARED]


def expected(folder: Path) -> pd.DataFrame:
    return typed(FORMATS["csv"](TABLE), folder)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_the_same_table_gives_the_same_rows_in_every_format_and_compression(
    format: str, compression: str, tmp_path: Path
) -> None:
    found = typed(COMPRESSIONS[compression](FORMATS[format](TABLE)), tmp_path)
    pd.testing.assert_frame_equal(found, expected(tmp_path))
    assert found["passed"].tolist()[:2] == ["yes", "no"]


@pytest.mark.parametrize(("format", "lines"), [("csv", [2, 3]), ("jsonl", [1, 2]), ("xlsx", [2, 3]), ("ods", [2, 3])])
def test_rows_have_the_line_of_their_file(format: str, lines: list[int], tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(FORMATS[format](TABLE))
    assert gathered(open_address(str(tmp_path / "rows")))["__line__"].to_pylist()[:2] == lines


texts = st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f\x85"), min_size=1).filter(
    lambda text: text == text.strip() and text.strip() and "_x" not in text
)
columns: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(-(2**53) + 1, 2**53 - 1),
    "age": st.none()
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, min_value=-1e15, max_value=1e15),
    "colour": st.none() | texts,
    "passed": st.booleans(),
    "paid": st.none() | st.booleans(),
    "day": st.none() | st.dates(date(1901, 1, 1), date(2099, 12, 31)),
}


@given(st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=6), st.data())
@settings(max_examples=25, deadline=None)
def test_any_table_gives_the_same_rows_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    table = {name: [row[name] for row in rows] for name in columns}
    first = typed(FORMATS["csv"](table), folder)
    format, compression = data.draw(st.sampled_from(sorted(FORMATS))), data.draw(st.sampled_from(sorted(COMPRESSIONS)))
    other = typed(COMPRESSIONS[compression](FORMATS[format](table)), folder, "other")
    pd.testing.assert_frame_equal(other, first)
