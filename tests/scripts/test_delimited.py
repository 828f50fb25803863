import io
import itertools
import tracemalloc

import pytest

from tabular.delimited import Rows, read
from tabular.delimited_batches import read_batches
from tabular.formats import Format, FormatError
from tabular.layouts import headerless_hint
from tabular.marks import suggest
from tabular.records import MalformedRow


def rows(content: bytes, **format: object) -> list[list[str]]:
    """The rows of a file that has no malformed ones."""
    batch = read(content, Format(**format))  # type: ignore[arg-type]
    assert not batch.malformed
    return [list(cells) for cells in zip(*batch.columns.values(), strict=True)]


def reasons(content: bytes, **format: object) -> dict[int, str]:
    """The reason of each malformed line."""
    return {row.line: row.reason for row in read(content, Format(**format)).malformed}  # type: ignore[arg-type]


def test_rows_have_the_lines_that_they_begin_on() -> None:
    batch = read(b'a,b\n1,"x\ny"\n\n2,3\n4,5,6\n7,8\n')
    assert batch == Rows(
        {"a": ["1", "2", "7"], "b": ["x\ny", "3", "8"]},
        [2, 5, 7],
        (MalformedRow(6, "expected 2 cells as in the header, found 3", "4,5,6"),),
    )


def test_a_header_alone_is_a_batch_without_rows() -> None:
    assert read(b"a,b\n") == Rows({"a": [], "b": []}, [], ())


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b'a,b\n1,"x"y\n2,z\n', {2: "expected a delimiter after the closing quote"}),
        (b'a,b\n1,5" pipe\n2,z\n', {2: "expected a quote only around a whole cell"}),
        (b"a,b\n1,x\0\n2,z\n", {2: "found a NUL character"}),
        (b"a,b\n1,x\ry\n2,z\n", {2: "found a carriage return inside a cell"}),
        (b'a,b\n2,z\n1,"x\n3,y\n', {3: "found the end of the file", 4: "found the end of the file"}),
        (b'a,b\n2,z\n1,"cut', {3: "found the end of the file"}),
        (b'a,b\n2,z\n1,"x"y "more\nlines"\n', {3: "after the closing quote", 4: "may be inside the quotes of line 3"}),
        (
            b'a,b\n2,z\n1,"lost\n"\nstart",x\n',
            {3: "open until line 5", 4: "a quote that is open", 5: "whole cell"},
        ),
    ],
)
def test_unsound_quotes_and_characters_are_named_by_line(content: bytes, lines: dict[int, str]) -> None:
    found = reasons(content)
    assert list(found) == list(lines)
    assert all(words in found[line] for line, words in lines.items())
    assert read(content).columns == {"a": ["2"], "b": ["z"]}


def test_lines_after_an_unsound_row_are_rows_unless_a_quote_closes() -> None:
    content = b'a,b\n1,"x"y"\n' + b"2,3\n" * 2000
    assert len(read(content).lines) == 2000
    assert list(reasons(content)) == [2]


def test_a_blank_line_in_a_file_of_one_column_is_no_row_and_no_missing_value() -> None:
    batch = read(b'x\n1\n\n""\n\n')
    assert (batch.columns, list(reasons(b'x\n1\n\n""\n\n'))) == ({"x": ["1", ""]}, [3])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a|b,c\n1|2,3\n", r'found 2 possible ones. Write `delimiter: ","` or `delimiter: "\|"`'),
        (b"a,b,c\n1,2,3,4\n5,6,7,8\n", "line 2: expected 3 cells as in the header, found 4 in every row"),
        (b'a,"b\n1,2\n', "line 1: expected a header that can be read"),
        (b",,\n1,2,3\n", "expected the names of the columns, found none"),
        (b"1,1,2\n3,4,5\n", "found '1' more than once. .* If the file has no header, write"),
        ("a,b\n1,é".encode()[:-1], "line 2: expected text in utf-8, found an incomplete last character"),
        ("a,b\n1,2\n3,€\n".encode("cp1252"), "line 3: .* found the byte 0x80. Write `encoding: cp1252`"),
        ("a,b\n1,2\n".encode("utf-16"), "found the byte order mark of UTF-16. Write `encoding: utf-16`"),
        ("a,b\n1,2\n".encode("utf-16-be"), "Write `encoding: utf-16-be`"),
    ],
)
def test_a_file_that_can_t_be_read_is_refused_with_what_to_write(content: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x1f\x8b\x08", "gzip"), (b"PK\x03\x04....[Content_Types].xml", "xlsx"), (b"PK\x03\x04rows.csv", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"), (b'[{"a": 1}]', "JSON"), (b' {"a": 1}', "JSON"),
        (b"<!DOCTYPE html>", "HTML"), (b"\xef\xbb\xbf<html lang='en'>", "HTML"), (b"BZh9\x01\x02", "bzip2"),
        (b"PAR1\x15\x04", "Parquet"), (b"%PDF-1.4\n\x01", "PDF"),
    ],
)  # fmt: skip
def test_another_kind_of_file_is_named(content: bytes, kind: str) -> None:
    with pytest.raises(FormatError, match=rf"expected delimited text \(CSV\), found .*{kind}"):
        read(content)


@pytest.mark.parametrize("header", [b"ORC,b", b"BZh,b", b"PAR1x,b", b"[id],b", b"{a},b"])
def test_a_header_may_begin_like_another_kind_of_file(header: bytes) -> None:
    assert rows(header + b"\n1,2\n") == [["1", "2"]]


def test_a_hash_begins_a_comment_before_the_header_but_may_be_a_header_too() -> None:
    assert rows(b"# by me, today\nid,x\n1,2\n") == [["1", "2"]]
    assert list(read(b"#,name\n1,2\n").columns) == ["#", "name"]
    assert list(read(b"#id,name\n1,2\n").columns) == ["#id", "name"]


def test_comment_lines_are_left_out_only_at_the_start_of_a_row() -> None:
    assert rows(b'a,b\n%c "\n1,"q\n%w"\n', comment="%") == [["1", "q\n%w"]]


def test_a_delimiter_that_does_not_fit_is_refused_with_the_one_that_does() -> None:
    with pytest.raises(FormatError, match=r"expected columns between ',', found them between '\\t'. Write"):
        read(b"a\tb\n1\t2\n", Format(delimiter=","))
    with pytest.raises(FormatError, match=r"expected the delimiter ',' of the use case, found sep=;"):
        read(b"sep=;\na;b\n1;2\n", Format(delimiter=","))


def test_names_for_a_file_that_has_a_header_are_refused() -> None:
    with pytest.raises(FormatError, match=r"line 1: expected a row, found the header\. Remove `header`"):
        read(b"a,b\n1,2\n", Format(names=("a", "b")))


def test_a_carriage_return_in_quotes_is_part_of_the_cell() -> None:
    assert rows(b'a,b\n1,"x\ry"\n') == [["1", "x\ry"]]


def test_old_mac_line_ends_are_line_ends() -> None:
    assert rows(b'a,b\r1,"x\ny"\r3,4\r') == [["1", "x\ny"], ["3", "4"]]


class Generated(io.BytesIO):
    """A generated file of many rows, which is never completely in memory."""

    def __init__(self, first: bytes, line: bytes, count: int) -> None:
        super().__init__()
        self._parts = itertools.chain([first], itertools.repeat(line * 1000, count))

    def read(self, size: int | None = -1) -> bytes:
        return next(self._parts, b"")


def peak(count: int) -> int:
    """Return the peak memory in bytes while `count` thousand rows are read."""
    tracemalloc.start()
    found = 0
    for batch in read_batches(Generated(b"a,b,c\n", b"1,22,333\n", count), rows=500):
        found += len(batch.lines)
    assert found == count * 1000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_file() -> None:
    peak(2)  # what stays, such as compiled expressions
    assert peak(20) < 1.5 * peak(5)


def test_a_quote_that_is_never_closed_does_not_fill_the_memory() -> None:
    with pytest.raises(FormatError, match="line 2: expected a row of at most 10,000,000 characters"):
        list(read_batches(Generated(b'a,b,c\n1,"2\n', b"x" * 1000 + b"\n", 20)))


def test_a_header_of_very_many_columns_is_read_in_time_that_grows_with_it() -> None:
    names = [f"a{number}" for number in range(250_000)]
    assert list(read(",".join(names).encode()).columns) == names


def test_a_header_of_numbers_looks_like_a_row() -> None:
    assert "write the names of its columns" in headerless_hint(["39", "State-gov"])
    assert headerless_hint(["age", "x2", "v1.0"]) == ""


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["1.234,5", "7,25"], '`decimal: ",", thousands: "."`'),
        (["7,25"], '`decimal: ","`'),
        (["1,234.5"], '`thousands: ","`'),
        (["1,234"], '`decimal: ","` or `thousands: ","`'),
        (["1 234,5"], '`decimal: ",", thousands: " "`'),
        (["7,25", "old"], ""),
        ([], ""),
    ],
)
def test_the_marks_that_would_read_numbers_are_suggested(texts: list[str], keys: str) -> None:
    assert suggest(texts) == keys


def test_a_header_of_many_columns_takes_time_in_proportion() -> None:
    names = [f"c{number}" for number in range(100_000)]
    assert len(read(",".join(names).encode() + b"\n" + b",".join([b"1"] * len(names))).columns) == len(names)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n", "utf-8"),
        (b"\xef\xbb\xbfa,b\n1,2\n", "utf-8-sig"),
        ("\ufeffa,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffa,b\n1,2\n".encode("utf-32"), "utf-32"),
    ],
)
def test_byte_order_marks_are_no_part_of_the_first_name(content: bytes, encoding: str) -> None:
    assert read(content, Format(encoding=encoding)).columns == {"a": ["1"], "b": ["2"]}


def test_an_encoding_that_does_not_fit_is_not_suggested_again() -> None:
    with pytest.raises(FormatError, match=r"found the byte 0x81\. Write the `encoding` that it was saved in"):
        read(b"a\n\x81\n", Format(encoding="cp1252"))


@pytest.mark.parametrize(("decimal", "thousands"), [("-", None), ("+", None), (".", "-"), (",", "+")])
def test_the_sign_of_a_number_is_no_mark_in_it(decimal: str, thousands: str | None) -> None:
    with pytest.raises(FormatError, match="expected a mark other than a sign of a number"):
        Format(decimal=decimal, thousands=thousands)


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "raw-unicode-escape"])
def test_an_encoding_that_changes_plain_text_is_none_of_files(encoding: str) -> None:
    with pytest.raises(FormatError, match="encoding: expected the name of a text encoding"):
        Format(encoding=encoding)
