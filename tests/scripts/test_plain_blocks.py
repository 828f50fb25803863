"""Blocks cut by Arrow have the same cells as rows that are cut one by one."""

import io

import pytest

from tabular import plain_blocks
from tabular.delimited import read
from tabular.delimited_batches import read_batches
from tabular.formats import Format
from tabular.layouts import Layout
from tabular.plain_blocks import PlainBlocks
from tests.fuzz.tables import joined

COMMA = Layout(0, ",", ("a", "b"), trailing=False)


@pytest.fixture(autouse=True)
def blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let short blocks be cut by Arrow too."""
    monkeypatch.setattr(plain_blocks, "FEWEST_BYTES", 0)


def cut(*lines: str, layout: Layout = COMMA, end: str = "\n", **format: object) -> list[list[str]] | None:
    found = PlainBlocks(layout, Format(**format), end).cut("".join(lines))  # type: ignore[arg-type]
    return None if found is None else [column.to_pylist() for column in found.columns]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_the_right_width_are_cut_with_any_line_end(end: str) -> None:
    assert cut(f"1,x{end}", f"2,{end}", "3,z", end=end[-1]) == [["1", "2", "3"], ["x", "", "z"]]


def test_cells_are_texts_as_they_are_but_for_blanks_before_them() -> None:
    assert cut(" 1,  x y \n", "NA,\t\n", "007,é\n") == [["1", "NA", "007"], ["x y ", "\t", "é"]]


def test_a_quote_is_a_character_where_the_format_has_none() -> None:
    assert cut('1,"x\n', quote=None) == [["1"], ['"x']]


def test_a_delimiter_at_the_end_of_each_line_is_no_cell() -> None:
    trailing = Layout(0, ",", ("a", "b"), trailing=True)
    assert cut("1,2,\n", "3,4,\n", layout=trailing) == [["1", "3"], ["2", "4"]]
    assert cut("1,2,\n", "3,4,5\n", layout=trailing) is None


@pytest.mark.parametrize(
    "line",
    [
        "\n",
        "\r\n",
        "1,x\0\n",
        "1,x\ry\n",
        "#1,2\n",
        "\ufeff1,2\n",
        '1,"x\n',
        '1,"x""y"\n',
        '1, "x"\n',
        '1," x"\n',
        '1,"x"y\n',
    ],
    ids=[
        "empty",
        "empty with return",
        "NUL",
        "return",
        "comment",
        "mark",
        "open",
        "doubled",
        "late",
        "blank",
        "inside",
    ],
)
def test_a_block_with_a_line_that_needs_a_decision_is_not_plain(line: str) -> None:
    assert cut(line, "1,2\n", comment="#") is None
    assert cut("1,2\n", line, "1,2\n", comment="#") is None or line.startswith("\ufeff")


def test_quotes_around_whole_cells_are_plain() -> None:
    assert cut('"1","a,b"\n', '2,""\n', '"",z\n') == [["1", "2", ""], ["a,b", "", "z"]]


def test_lines_of_another_width_are_set_apart() -> None:
    found = PlainBlocks(COMMA, Format(), "\n").cut("1,x\n2\n \n3,y,z\n4,w\n")
    assert found is not None
    assert found.misfits == [(1, "2"), (2, " "), (3, "3,y,z")]
    assert found.columns[0].to_pylist() == ["1", "4"]


def test_one_column_and_delimiters_beyond_ascii_are_not_plain() -> None:
    assert cut("1\n", layout=Layout(0, ",", ("a",), trailing=False)) is None
    assert cut("1¦2\n", layout=Layout(0, "¦", ("a", "b"), trailing=False)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n" + b"1, x\n" * 40 + b"short\n" + b"2,y\n" * 40,
        b"a,b\n" + b"1,x\n" * 40 + b'2,"y\n"\n' + b"3,z\n" * 40,
        b"\n# note\na,b\n" + b"1,-\n" * 40 + b"\n#2,3\n4,5",
        b"a;b;\n" + b"1;2;\n" * 40,
        b"1,2\n" * 40,
    ],
)
def test_blocks_and_rows_agree(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tabular.delimited.CHUNK_BYTES", 64)
    names = ("a", "b") if content.startswith(b"1") else None
    format = Format(missing=("-",), comment="#", names=names)
    assert joined(list(read_batches(io.BytesIO(content), format, 9))) == read(content, format)
