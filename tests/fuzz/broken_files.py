"""Kinds of broken files: malformed rows are reported by line, and all other values are exact."""

import gzip
import random
import zipfile
from collections.abc import Callable
from io import BytesIO

from tabular.delimited import read
from tabular.formats import Format, FormatError
from tests.fuzz.outcomes import Wrong
from tests.fuzz.tables import Style, Table, Written, expect_refusal, expect_rest, make_table, write

Kind = Callable[[random.Random], str]
KINDS: dict[str, Kind] = {}
PLAIN = Format()


def kind(function: Kind) -> Kind:
    """Make the function one of the kinds, under its name."""
    KINDS[function.__name__] = function
    return function


def _check(table: Table, written: Written, *broken: int, format: Format = PLAIN) -> str:
    return expect_rest(written.text().encode(), format, table, written.lines(), set(broken))


def _table(source: random.Random, odd: float = 0.1) -> tuple[Table, Written, int]:
    """A table, the file, and the position of the row that is to be broken."""
    table = make_table(source, rows=source.randint(1, 12), odd=odd)
    written = write(table, Style(quoted=lambda cell: source.random() < 0.2))
    return table, written, source.randrange(len(table.rows))


def _insert(source: random.Random, text: str, what: str, place: int | None = None) -> str:
    place = source.randrange(1, len(text)) if place is None else place
    return text[:place] + what + text[place:]


@kind
def long_row(source: random.Random) -> str:
    table, written, row = _table(source)
    cells = list(table.rows[row])
    cells[-1] = cells[-1] or "x"  # in a file of one row, an empty cell at its end is a delimiter too many
    cells.insert(source.randint(0, len(cells)), source.choice(["7", "x", '"q"', "1,2"]))
    written.rows[row] = ",".join(Style().cell(cell) if cell != '"q"' else cell for cell in cells) + source.choice(
        ["", ",z"]
    )
    return _check(table, written, row)


@kind
def short_row(source: random.Random) -> str:
    table, written, row = _table(source)
    cells = list(table.rows[row])
    del cells[source.randrange(len(cells))]
    cells[0] = cells[0] or "x"  # an empty line is no row
    written.rows[row] = Style().row(cells)
    return _check(table, written, row)


@kind
def several_wrong_lengths(source: random.Random) -> str:
    table, written, _ = _table(source)
    broken = [row for row in range(len(table.rows)) if source.random() < 0.5]
    for row in broken:
        cells = table.rows[row]
        written.rows[row] = Style().row([*cells, "7"] if source.random() < 0.5 else [*cells[:-2], "lost"])
    return _check(table, written, *broken)


@kind
def text_after_a_quote(source: random.Random) -> str:
    table, written, row = _table(source, odd=0.2)
    cells = [Style().cell(cell) for cell in table.rows[row]]
    cells[source.randrange(len(cells))] = source.choice(['"a"b', '"a" b', '"a"b"', '"x""y"z', '"a, b"c'])
    written.rows[row] = ",".join(cells)
    return _check(table, written, row)


@kind
def quote_never_closed(source: random.Random) -> str:
    table, written, row = _table(source, odd=0.05)
    cells = [Style().cell(cell) for cell in table.rows[row]]
    place = source.randrange(len(cells))
    cells[place] = '"' + cells[place].strip('"').replace('"', "")
    written.rows[row] = ",".join(cells)
    return _check(table, written, row)


@kind
def closing_quote_lost(source: random.Random) -> str:
    table, _, row = _table(source, odd=0.05)
    written = write(table, Style(quoted=lambda cell: True))
    written.rows[row] = written.rows[row][:-1] if source.random() < 0.5 else written.rows[row].replace('",', ",", 1)
    return _check(table, written, row)


@kind
def opening_quote_lost(source: random.Random) -> str:
    table, _, row = _table(source, odd=0.05)
    written = write(table, Style(quoted=lambda cell: True))
    written.rows[row] = written.rows[row][1:] if source.random() < 0.5 else written.rows[row].replace(',"', ",", 1)
    return _check(table, written, row)


@kind
def quote_within_a_cell(source: random.Random) -> str:
    table, written, row = _table(source, odd=0.05)
    cells = [Style().cell(cell) for cell in table.rows[row]]
    cells[source.randrange(len(cells))] = source.choice(['5" pipe', 'a"', 'x"y"', '1"2""3'])
    written.rows[row] = ",".join(cells)
    return _check(table, written, row)


@kind
def blank_before_a_closed_quote(source: random.Random) -> str:
    table, written, row = _table(source)
    cells = [Style().cell(cell) for cell in table.rows[row]]
    cells[source.randrange(len(cells))] = '"a" '
    written.rows[row] = ",".join(cells)
    return _check(table, written, row)


@kind
def nul(source: random.Random) -> str:
    table, written, row = _table(source)
    written.rows[row] = _insert(source, written.rows[row] + " ", "\0")
    return _check(table, written, row)


@kind
def carriage_return_in_a_cell(source: random.Random) -> str:
    table, written, row = _table(source, odd=0)
    cells = [Style().cell(cell) for cell in table.rows[row]]
    cells[source.randrange(len(cells))] = source.choice(["a\rb", "a\r\rb", "1\r2"])
    written.rows[row] = ",".join(cells)
    return _check(table, written, row)


@kind
def one_old_mac_line_end(source: random.Random) -> str:
    table = make_table(source, rows=source.randint(3, 9), odd=0)
    written = write(table, Style())
    lines, row = written.lines(), source.randrange(len(table.rows) - 2)
    text = written.header[0] + "".join(
        line + ("\r" if number == row else "\n") for number, line in enumerate(written.rows)
    )
    lines = [line - (number > row) for number, line in enumerate(lines)]
    return expect_rest(text.encode(), PLAIN, table, lines, {row, row + 1})


@kind
def cut_off(source: random.Random) -> str:
    table, written, _ = _table(source, odd=0.3)
    content, lines = written.text().encode(), written.lines()
    left = content[: source.randrange(len(written.header[0].encode()), len(content))]
    rest = left.decode(errors="ignore").removeprefix(written.header[0])
    whole = 0
    while rest.startswith(written.rows[whole] + written.end):
        rest = rest.removeprefix(written.rows[whole] + written.end)
        whole += 1
    if not rest:
        return expect_rest(left, PLAIN, Table(table.names, table.rows[:whole]), lines[:whole], set())
    last = Table(table.names, table.rows[: whole + 1])
    return expect_rest(left, PLAIN, last, lines[: whole + 1], {whole}, cut=True)


@kind
def compressed(source: random.Random) -> str:
    _, written, _ = _table(source)
    content = written.text().encode()
    if source.random() < 0.5:
        packed = gzip.compress(content)
        return expect_refusal(packed[: source.randint(10, len(packed))], PLAIN, "gzip", "Unpack")
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(source.choice(["rows.csv", "xl/workbook.xml"]), content)
    return expect_refusal(file.getvalue(), PLAIN, "expected delimited text (CSV), found a")


@kind
def another_kind_of_file(source: random.Random) -> str:
    content, words = source.choice(
        [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "xls"),
            (b'[{"a": 1, "b": 2}]', "JSON"),
            (b'\n{"a": [1, 2]}', "JSON"),
            (b"<!DOCTYPE html><html><body>Not found</body></html>", "HTML"),
            (b"\xef\xbb\xbf<?xml version='1.0'?>", "HTML or XML"),
            (b"%PDF-1.7\n", "PDF"),
            (b"PAR1\x15\x04", "Parquet"),
            (b"", "empty"),
            (b"\n \n\r\n", "empty"),
        ]
    )
    return expect_refusal(content, PLAIN, words)


@kind
def equal_headers(source: random.Random) -> str:
    table, written, _ = _table(source)
    name = source.choice(table.names)
    written.header = [written.header[0].rstrip("\n") + "," + source.choice(["", " "]) + Style().cell(name) + "\n"]
    written.rows = [row + ",1" for row in written.rows]
    return expect_refusal(written.text().encode(), Format(delimiter=","), repr(name), "more than once")


@kind
def encoding_not_given(source: random.Random) -> str:
    table = make_table(source, rows=3)
    table.rows[0][0] = "Málaga"
    encoding = source.choice(["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
    text = write(table, Style()).text()
    plain = encoding.startswith("utf-16-")
    content = (text.encode("ascii", "replace").decode() if plain else text).encode(encoding)
    return expect_refusal(content, PLAIN, "Write `encoding: ")


@kind
def wrong_delimiter_given(source: random.Random) -> str:
    table = make_table(source, odd=0)
    return expect_refusal(write(table, Style(";")).text().encode(), Format(delimiter="\t"), 'Write `delimiter: ";"`')


@kind
def unclear_delimiter(source: random.Random) -> str:
    rows = source.randint(1, 5)
    content = "a|b,c\n" + "1|2,3\n" * rows
    return expect_refusal(content.encode(), PLAIN, "Write `delimiter:")


@kind
def row_names_without_a_header(source: random.Random) -> str:
    table = make_table(source, odd=0)
    written = write(table, Style())
    written.rows = [Style().row([str(row), *cells[:-1], "last"]) for row, cells in enumerate(table.rows)]
    return expect_refusal(written.text().encode(), Format(delimiter=","), "in every row")


@kind
def one_character_changed(source: random.Random) -> str:
    """The right result is unknown. The file must be read or refused, and every line must be reported."""
    _, written, _ = _table(source, odd=0.3)
    text = written.text()
    place = source.randrange(len(text))
    text = text[:place] + source.choice(['"', ",", "\n", "\r", "\0", "", "x", ";", "\t"]) + text[place + 1 :]
    return _read_or_refused(text.encode())


@kind
def some_bytes_changed(source: random.Random) -> str:
    _, written, _ = _table(source, odd=0.3)
    content = bytearray(written.text().encode())
    for _ in range(source.randint(1, 9)):
        content[source.randrange(len(content))] = source.randrange(256)
    return _read_or_refused(bytes(content))


@kind
def random_bytes(source: random.Random) -> str:
    pool = source.choice([bytes(range(256)), b'",\n\r;ab1 ', b'a,"\n', b"\0\xff,\n\"'"])
    return _read_or_refused(bytes(source.choice(pool) for _ in range(source.randint(0, 200))))


def _read_or_refused(content: bytes) -> str:
    try:
        batch = read(content)
    except FormatError:
        return "refused"
    widths = {len(cells) for cells in batch.columns.values()}
    if widths != {len(batch.lines)} or batch.lines != sorted(set(batch.lines)):
        raise Wrong(f"columns of different lengths, or lines out of order: {batch}\nin {content!r}")
    return "set apart" if batch.malformed else "read"
