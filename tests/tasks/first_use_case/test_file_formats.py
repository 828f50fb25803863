"""The format of a delimited file."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.first_use_case.file_formats import find_format

ROWS = "a;b\n1;x\n2;y\n"


def keys(folder: Path, content: bytes | str) -> dict[str, object]:
    path = folder / "rows.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return {name: found.value for name, found in find_format(str(path)).items()}


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " "])
def test_a_delimiter_that_fits_the_rows_is_found(tmp_path: Path, mark: str) -> None:
    assert keys(tmp_path, f"a{mark}b\n1{mark}x\n2{mark}y\n") == {"delimiter": mark}


def test_a_delimiter_inside_quotes_is_none(tmp_path: Path) -> None:
    assert keys(tmp_path, 'id,"note; a;b;c"\n1,x\n2,y\n') == {"delimiter": ","}


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", None), ("utf-8-sig", None), ("cp1252", "cp1252"), ("latin-1", "latin-1"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, expected: str | None) -> None:
    city = "“Köln”" if encoding == "cp1252" else "Köln"
    assert keys(tmp_path, f"id;city\n1;{city}\n2;Málaga\n".encode(encoding)).get("encoding") == expected


def test_lines_before_the_table_are_skipped(tmp_path: Path) -> None:
    assert keys(tmp_path, "A report\nof a school\n" + ROWS)["skip_lines"] == 2


def test_a_line_that_names_the_delimiter_is_not_skipped(tmp_path: Path) -> None:
    assert keys(tmp_path, "sep=;\n" + ROWS) == {"delimiter": ";"}


def test_comments_are_found(tmp_path: Path) -> None:
    assert keys(tmp_path, "a,b\n1,2\n# a note\n3,4\n") == {"delimiter": ",", "comment": "#"}


def test_a_file_whose_first_line_is_a_row_gets_names(tmp_path: Path) -> None:
    assert keys(tmp_path, "39,x,1\n50,y,2\n")["header"] == ["column_1", "column_2", "column_3"]


def test_a_header_with_a_year_is_a_header(tmp_path: Path) -> None:
    assert "header" not in keys(tmp_path, "country,2019,rate\nA,1,0.5\nB,2,0.7\n")


def test_a_delimiter_at_the_end_of_rows_moves_no_header(tmp_path: Path) -> None:
    assert keys(tmp_path, "a,b,c\n1,2,3,\n4,5,6,\n") == {"delimiter": ","}


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (["1.234,5", "7,25"], {"decimal": ",", "thousands": "."}),
        (["0,5", "7,25"], {"decimal": ","}),
        (["1,234", "12,345,678"], {"thousands": ","}),
        (["1,234", "12,345"], {"thousands": ","}),
        (["1,234", "12,34"], {"decimal": ","}),
        (["1,234.5", "7.25"], {"thousands": ","}),
        (["1.5", "7.25"], {}),
        (["a,b", "7,25"], {}),
    ],
)
def test_the_marks_of_numbers_are_found(tmp_path: Path, cells: list[str], marks: dict[str, str]) -> None:
    found = keys(tmp_path, "id;x\n" + "".join(f"i{number};{cell}\n" for number, cell in enumerate(cells)))
    assert {name: value for name, value in found.items() if name != "delimiter"} == marks


def test_single_quotes_are_found(tmp_path: Path) -> None:
    assert keys(tmp_path, "'a','b'\n1,'x, y'\n2,'z'\n") == {"delimiter": ",", "quote": "'"}


def test_a_parquet_file_needs_no_format(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "rows.parquet")
    assert find_format(str(tmp_path / "rows.parquet")) == {}


def test_every_key_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("A report\nid;x\n1;2,5\n2;Köln\n".encode("latin-1"))
    assert all(found.reason for found in find_format(str(path)).values())
