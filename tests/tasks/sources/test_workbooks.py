import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from tabular.formats import Format
from tasks.sources.location import open_address
from tasks.sources.sheet_cells import column_of, column_type
from tasks.sources.workbook_errors import errors_of
from tasks.sources.workbook_size import column_number, refuse_too_large
from tasks.sources.workbooks import read_batches
from tests.source_rows import at, gathered
from tests.tables import ods_bytes, sheet_data, xlsx_bytes, zip_bytes

TWO = {"One": sheet_data([["a"], [1]]), "Two": sheet_data([["a"], [2]])}


def written(folder: Path, rows: list[list[Any]] | str, first: int = 1) -> str:
    data = rows if isinstance(rows, str) else sheet_data(rows, first)
    (folder / "rows").write_bytes(xlsx_bytes({}, {"Rows": data}))
    return str(folder / "rows")


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2.0], "int64", [1, 2]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([7.402453813514977e17, 1], "double", [7.402453813514977e17, 1.0]),
        ([True, False], "bool", [True, False]),
        ([date(2018, 1, 30), date(1999, 12, 31)], "date32[day]", [date(2018, 1, 30), date(1999, 12, 31)]),
        ([date(2018, 1, 30), datetime(2018, 1, 30, 12)], "timestamp[us]",
         [datetime(2018, 1, 30), datetime(2018, 1, 30, 12)]),
        ([1, "n/a"], "large_string", ["1", "n/a"]),
        ([True, 1.5], "large_string", ["true", "1.5"]),
        ([date(2018, 1, 30), "soon"], "large_string", ["2018-01-30", "soon"]),
        (["-", 5], "large_string", [None, "5"]),
    ],
)  # fmt: skip
def test_a_column_has_the_type_of_all_its_cells_or_their_texts(
    cells: list[Any], kind: str, values: list[Any], tmp_path: Path
) -> None:
    table = gathered(
        open_address(written(tmp_path, [["a", "b"], *([cell, None] for cell in cells)]), Format(missing=("-",)))
    )
    assert str(table["a"].type) == kind
    assert table["a"].to_pylist() == values


def test_numbers_beside_texts_have_the_decimal_mark_of_the_texts(tmp_path: Path) -> None:
    assert at(written(tmp_path, [["a"], [1.234], ["1,5"]]), Format(decimal=",", thousands=".")) == {
        "a": ["1,234", "1,5"]
    }


def test_lines_are_row_numbers_and_blank_rows_are_no_rows(tmp_path: Path) -> None:
    table = gathered(open_address(written(tmp_path, [["a", "b"], [None, None], [1, "x"], [None], [2, None]], first=4)))
    assert table.select(["a", "b", "__line__"]).to_pylist() == [
        {"a": 1, "b": "x", "__line__": 6},
        {"a": 2, "b": None, "__line__": 8},
    ]


def test_a_formula_is_its_value(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"x"</f><v>x</v></c></row>'
    assert at(written(tmp_path, sheet_data([["a", "b"]]) + row)) == {"a": [2], "b": ["x"]}


@pytest.mark.parametrize("sheet", ["Rows", "A & B", "Rows 2"])
def test_an_error_of_a_formula_is_a_text_and_no_empty_cell(sheet: str, tmp_path: Path) -> None:
    row = "<row r='4'><c r='C4' t=\"e\" s='1'><f>1/0</f><v>#DIV/0!</v></c><c r='D4'><v>2</v></c></row>"
    rows: list[list[Any]] = [[None, None, "a", "b"], [None, None, 1, 1.5]]
    data = sheet_data(rows, first=2) + row
    (tmp_path / "rows").write_bytes(xlsx_bytes({}, {"Other": sheet_data([["z"], [1]]), sheet: data}))
    assert at(str(tmp_path / "rows"), Format(sheet=sheet)) == {"a": ["1", "#DIV/0!"], "b": [1.5, 2.0]}


def test_a_sheet_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(xlsx_bytes({}, TWO))
    for sheet, value in (("One", 1), ("Two", 2), (1, 1), (2, 2)):
        assert at(str(tmp_path / "rows"), Format(sheet=sheet)) == {"a": [value]}


@pytest.mark.parametrize("sheet", [None, "one", 3])
def test_several_sheets_without_a_choice_are_refused(sheet: str | int | None, tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(xlsx_bytes({}, TWO))
    with pytest.raises(SourceError, match=r"expected .* sheet.*, found 'One', 'Two'.*Write `sheet: NAME`"):
        at(str(tmp_path / "rows"), Format(sheet=sheet))


def test_hidden_and_empty_sheets_are_no_choice(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(xlsx_bytes({}, {**TWO, "Three": ""}, hidden=["One"]))
    assert at(str(tmp_path / "rows")) == {"a": [2]}


@pytest.mark.parametrize(
    ("rows", "format", "expected"),
    [
        ([["Report"], ["a", "b"], [1, 2]], Format(skip_lines=1), {"a": [1], "b": [2]}),
        ([[1, 2], [3, 4]], Format(names=("a", "b")), {"a": [1, 3], "b": [2, 4]}),
        ([["a", None], [1, "a note"]], Format(), {"a": [1]}),
    ],
)
def test_the_header_is_where_the_format_says(
    rows: list[list[Any]], format: Format, expected: dict[str, list[Any]], tmp_path: Path
) -> None:
    assert at(written(tmp_path, rows), format) == expected


@pytest.mark.parametrize(
    ("rows", "format", "message"),
    [
        ([["Report", None], ["id", "age"], [1, 2]], Format(), r"row 1: .* write `skip_lines: 1`"),
        ([["a", "a"], [1, 2]], Format(), "found 'a' more than once"),
        ([["a", "__text__"], [1, 2]], Format(), "found '__text__'"),
        ([[1, 2]], Format(names=("a",)), "expected the 1 columns of `header`, found 2"),
        ([], Format(), "expected a header and rows, found no cells"),
        ([["a"]], Format(), "expected rows, found only the names of columns"),
    ],
)
def test_a_sheet_that_can_t_be_read_is_refused(
    rows: list[list[Any]], format: Format, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=message):
        at(written(tmp_path, rows), format, headers=["id", "age"])


CORNERS = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
UNNAMED = f"<row>{'<c><v>1</v></c>' * 16000}</row>" + "<row/>" * 20000
ODS_ROW = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"'
)


@pytest.mark.parametrize(
    "content",
    [
        xlsx_bytes({}, {"Rows": CORNERS}),
        xlsx_bytes({}, {"Rows": CORNERS.replace("'", '"')}),
        xlsx_bytes({}, {"Rows": UNNAMED}),
        zip_bytes({"content.xml": f"{ODS_ROW} office:value='1'/></table:table-row>".encode()}),
    ],
)
def test_a_workbook_of_cells_far_apart_is_refused_before_it_fills_the_memory(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(content)
    with pytest.raises(
        SourceError, match=r"expected sheets of at most 134,217,728 cells, found one of [\d,]+ rows and"
    ):
        at(str(tmp_path / "rows"))


def test_empty_cells_far_apart_in_an_open_document_are_no_rows(tmp_path: Path) -> None:
    content = ods_bytes({"a": [1, 2]})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["content.xml"] = files["content.xml"].replace(
        b"</table:table>", f"{ODS_ROW}/></table:table-row></table:table>".encode()
    )
    (tmp_path / "rows").write_bytes(zip_bytes(files))
    assert at(str(tmp_path / "rows")) == {"a": [1, 2]}


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
        zip_bytes({"xl/workbook.xml": b"<broken"}),
        xlsx_bytes({"a": [1]})[:-300] + b"PK\x05\x06" + b"\0" * 18,
    ],
)
def test_a_damaged_workbook_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(content)
    with pytest.raises(SourceError) as refused:
        at(str(tmp_path / "rows"))
    assert "\n" not in str(refused.value)


def test_a_workbook_is_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.sources.workbooks.BATCH_ROWS", 2)
    batches = list(read_batches(io.BytesIO(xlsx_bytes({"a": [1, 2, 3, "x", 5]})), "rows"))
    assert [batch["a"].to_pylist() for batch in batches] == [["1", "2"], ["3", "x"], ["5"]]


@pytest.mark.parametrize(("letters", "number"), [(b"A", 1), (b"Z", 26), (b"AB", 28), (b"XFD", 16384)])
def test_a_column_of_letters_has_a_number(letters: bytes, number: int) -> None:
    assert column_number(letters) == number


def test_errors_are_found_by_the_sheet_s_name() -> None:
    cell = '<row r="3"><c r="AB3" t="e"><v>#N/A</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes({}, {"One": "", "Two": cell}))) as archive:
        assert errors_of(archive, "Two") == {3: {28: "#N/A"}}
        assert errors_of(archive, "One") == errors_of(archive, "Three") == {}
        refuse_too_large(archive, "rows")


def test_a_column_without_cells_is_one_of_texts() -> None:
    assert column_of(["", ""], column_type(["", ""]), ".").to_pylist() == [None, None]
