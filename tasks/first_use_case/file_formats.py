"""Finds the format of a delimited file: encoding, delimiter, quote, skipped lines, comments, header, number marks."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tabular.cells import NUMBER, matches
from tabular.file_kinds import refuse_other_kinds, suggested_encoding
from tabular.formats import DELIMITERS, FormatError
from tabular.marks import READINGS, plain_numbers
from tabular.missing_markers import MISSING
from tasks.sources.places import place

HEAD_BYTES, LINES, SKIPPED = 1 << 20, 2_000, 30
"""What is read of a file, and the most lines before its header."""
COMMENT, BLANK = "#", " "
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Key:
    """One key of the source with the reason for its value."""

    value: Any
    reason: str


Keys = dict[str, Key]


@dataclass(frozen=True)
class _Table:
    """The first lines of a file, cut at one delimiter."""

    delimiter: str
    cut: list[list[str]]
    """The cells of each line."""
    width: int
    """The number of cells of most lines."""

    @property
    def share(self) -> float:
        """The share of lines with this number of cells."""
        return sum(len(cells) == self.width for cells in self.cut) / len(self.cut)

    @property
    def start(self) -> int:
        """The line of the header, from 0: the first line of the table's width, or one less before rows that all end
        with a delimiter."""
        first = next(number for number, cells in enumerate(self.cut) if len(cells) == self.width)
        before = self.cut[first - 1] if first else []
        trailing = len(before) == self.width - 1 > 1 and not self.cut[first][-1].strip()
        return first - 1 if trailing else first


def find_format(address: str) -> Keys:
    """Return the keys of the source for the file at an address; none for Parquet and other kinds of files.

    Raises SourceError when the file can't be read.
    """
    with place(address).open() as file:
        head = file.read(HEAD_BYTES)
    keys = _encoding(head)
    encoding = keys["encoding"].value if keys else "utf-8"
    try:
        refuse_other_kinds(head, encoding)
    except FormatError:
        return {}
    text = head.decode(encoding, "ignore").lstrip("\ufeff")
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()][:LINES]
    return {**keys, **_layout(lines)} if lines else keys


def _encoding(head: bytes) -> Keys:
    if mark := next((name for bytes_, name in _MARKS.items() if head.startswith(bytes_)), None):
        return {"encoding": Key(mark, "its byte order mark")} if mark != "utf-8" else {}
    zeros = head[:512][1::2].count(0)
    if zeros > 0.7 * len(head[:512]) // 2 and zeros:
        return {"encoding": Key("utf-16-le", "every second byte is zero")}
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        found = suggested_encoding(head)
        return {"encoding": Key(found, f"not UTF-8: the byte {head[error.start]:#04x}. Compare accented letters")}
    return {}


def _layout(lines: Sequence[str]) -> Keys:
    quote = _quote(lines)
    comments = [line for line in lines if line.startswith(COMMENT)]
    plain = [line for line in lines if not line.startswith(COMMENT)] if len(comments) < len(lines) else list(lines)
    tables = [_cut(plain, mark, quote) for mark in DELIMITERS]
    best = max(tables, key=lambda table: (table.width > 1, round(table.share, 1), table.width))
    if best.width < 2 and ((best := _cut(plain, BLANK, quote)).width < 2 or best.share < 1):
        return {}
    keys = {
        "delimiter": Key(best.delimiter, f"{best.share:.0%} of the first {len(plain):,} lines have {best.width} cells")
    }
    if quote != '"':
        keys["quote"] = Key(quote, "the header's names are in these quotes")
    if comments:
        keys["comment"] = Key(COMMENT, f"{len(comments):,} of the first {len(lines):,} lines begin with it")
    return {**keys, **_skipped(best, plain), **_header(best), **_number_marks(best)}


def _quote(lines: Sequence[str]) -> str:
    return "'" if re.fullmatch(r"'[^']*'([,;\t|]'[^']*')+", lines[0]) else '"'


def _cut(lines: Sequence[str], delimiter: str, quote: str) -> _Table:
    cut = list(csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True))
    widths = Counter(map(len, cut))
    return _Table(delimiter, cut, max(widths, key=lambda width: (widths[width], width)))


def _skipped(table: _Table, lines: Sequence[str]) -> Keys:
    before = [line for line in lines[: table.start] if not re.match(r'"?sep=.', line, re.IGNORECASE)]
    if not before or table.start > SKIPPED:
        return {}
    return {"skip_lines": Key(table.start, f"the table begins at line {table.start + 1}, with {table.width} cells")}


def _header(table: _Table) -> Keys:
    """A file has no header when its first row has numbers in every column whose other rows are numbers."""
    first, rows = table.cut[table.start], table.cut[table.start + 1 :]
    numeric = [number for number, cells in enumerate(_columns(table, rows)) if cells and _are_numbers(cells)]
    if not numeric or not rows or not all(_are_numbers([first[number]]) for number in numeric if first[number]):
        return {}
    if not any(first[number] for number in numeric):
        return {}
    names = [f"column_{number + 1}" for number in range(len(first))]
    return {"header": Key(names, "the first line has numbers where the other lines have numbers: no header")}


def _columns(table: _Table, rows: Sequence[list[str]]) -> Iterator[list[str]]:
    """Yield the cells of each column that are not missing."""
    whole = [row for row in rows if len(row) == table.width]
    for number in range(table.width if whole else 0):
        yield [cell for row in whole if (cell := row[number].strip()).lower() not in MISSING]


def _are_numbers(cells: Sequence[str], decimal: str = ".", thousands: str | None = None) -> bool:
    plain, _ = plain_numbers(pa.array(cells, pa.large_string()), decimal, thousands)
    return bool(matches(plain, NUMBER).all())


def _number_marks(table: _Table) -> Keys:
    columns = [cells for cells in _columns(table, table.cut[table.start + 1 :]) if cells]
    marked = [cells for cells in columns if not _are_numbers(cells) and any(_fits(cells, *each) for each in READINGS)]
    points = any(_are_numbers(cells) and any("." in cell for cell in cells) for cells in columns)
    for decimal, thousands in sorted(READINGS, key=lambda reading: not _groups(marked, reading)):
        fits = marked and all(_fits(cells, decimal, thousands) for cells in marked)
        if fits and thousands != table.delimiter and not (points and decimal != "."):
            example = next(cell for cell in marked[0] if not _are_numbers([cell]))
            reason = f"numbers such as {example} in {len(marked)} of the columns"
            given = {"decimal": decimal if decimal != "." else None, "thousands": thousands}
            return {name: Key(mark, reason) for name, mark in given.items() if mark}
    return {}


def _fits(cells: Sequence[str], decimal: str, thousands: str | None) -> bool:
    return _are_numbers(cells, decimal, thousands) and (thousands is None or any(thousands in cell for cell in cells))


def _groups(marked: Sequence[Sequence[str]], reading: tuple[str, str | None]) -> bool:
    """Whether the marks are thousands marks: each is followed by exactly three digits, and no decimal mark is used."""
    decimal, thousands = reading
    cells = [cell for column in marked for cell in column if thousands and thousands in cell]
    return (
        decimal == "."
        and bool(cells)
        and all(re.search(rf"{re.escape(thousands or '')}\d{{3}}(\D|$)", cell) for cell in cells)
    )
