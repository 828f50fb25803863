"""Reads delimited text (CSV): ingestion, `predict --input` and the endpoint's `text/csv` all use this reader.

A row that is not well formed is set apart with its line and the reason; it is never shifted, padded or cut. A file that
can't be read as a whole is refused by FormatError. Quoting is RFC 4180's. No cell is altered but for blanks before it
and the markers of missing values that the format names.
"""

import codecs
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tabular.file_kinds import refuse_other_kinds, suggested_encoding
from tabular.formats import USUAL, Format, FormatError
from tabular.layouts import Layout, cell_count, find_layout, line_end
from tabular.records import MAX_RECORD, Lines, MalformedRow, Record, lines_of, records

CHUNK_BYTES = 1 << 20
BATCH_ROWS = 50_000
MARK = "\ufeff"
"""The byte order mark. Some tools write it twice, or in an encoding that does not need it."""
PIECE_ROWS = 500
"""Rows that are kept as rows: many small lists would cost Python's garbage collector most of the time."""
BLANK = 'expected a cell, found a blank line. Write "" for a missing value'


@dataclass(frozen=True)
class Batch:
    """Some rows of a file, in its order."""

    columns: dict[str, list[str]]
    """The cells as text, by column; a column without a name is left out."""
    lines: list[int]
    """The line on which each row begins, counted from 1."""
    malformed: tuple[MalformedRow, ...]


def read(content: bytes, format: Format = USUAL) -> Batch:
    """All rows of a file. Raises FormatError when the file as a whole can't be read."""
    batches = list(read_batches(io.BytesIO(content), format))
    if len(batches) == 1:
        return batches[0]
    return Batch(
        {name: list(itertools.chain(*(batch.columns[name] for batch in batches))) for name in batches[0].columns},
        list(itertools.chain(*(batch.lines for batch in batches))),
        tuple(itertools.chain(*(batch.malformed for batch in batches))),
    )


def read_batches(stream: BinaryIO, format: Format = USUAL, rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Read a file in batches of at most `rows` rows, in memory that does not grow with the file.

    There is at least one batch, without rows where the file has none. Raises FormatError when the file as a whole can't
    be read, which may be found only after some batches.
    """
    chunks = _text(stream, format)
    head = next(chunks, "")
    end = line_end(head, format.quote)
    blocks = _blocks(itertools.chain([head], chunks), end)
    first = next(blocks, [])
    second = next(blocks, None)
    layout = find_layout(first, second is None, format)
    rest = itertools.chain([first[layout.start :]], [second or []], blocks)
    lines = Lines(itertools.chain.from_iterable(rest), format.comment, layout.start)
    found = records(lines, format, layout.delimiter)
    if format.names is None:
        next(found)  # the header
    return _batches(_fitting(found, layout), layout, frozenset(format.missing), rows)


def _text(stream: BinaryIO, format: Format) -> Iterator[str]:
    """Decode a file, a chunk at a time, without the byte order marks that it begins with."""
    content = stream.read(CHUNK_BYTES)
    refuse_other_kinds(content, format.encoding)
    name = codecs.lookup(format.encoding).name
    decoder = codecs.getincrementaldecoder(name)()
    line, first = 1, True
    while True:
        try:
            text = decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            raise _wrong_encoding(error, line, name) from error
        text, first = text.lstrip(MARK) if first else text, first and not text.strip(MARK)
        line += text.count("\n")
        yield text
        if not content:
            return
        content = stream.read(CHUNK_BYTES)


def _wrong_encoding(error: UnicodeDecodeError, line: int, name: str) -> FormatError:
    line += error.object[: error.start].count(b"\n")
    if "end of data" in error.reason or "truncated" in error.reason:
        return FormatError(f"line {line}: expected text in {name}, found an incomplete last character: it is cut off")
    suggested = suggested_encoding(error.object)
    named = f"`encoding: {suggested}`, or what" if codecs.lookup(suggested).name != name else "the `encoding` that"
    advice = f"Write {named} it was saved in"
    return FormatError(
        f"line {line}: expected text in {name}, found the byte {error.object[error.start]:#04x}. {advice}"
    )


def _blocks(chunks: Iterator[str], end: str) -> Iterator[list[str]]:
    """Cut text into lists of whole lines."""
    rest = ""
    for chunk in chunks:
        pieces = (rest + chunk).split(end)
        rest = pieces.pop()
        if len(rest) > MAX_RECORD:
            raise FormatError(f"expected lines of at most {MAX_RECORD:,} characters, found a longer one")
        if pieces:
            yield [piece + end for piece in pieces]
    if rest:
        yield [rest]


def _batches(
    rows: Iterator[Record | MalformedRow], layout: Layout, missing: frozenset[str], size: int
) -> Iterator[Batch]:
    gathered, first = _Gathered(layout, missing), True
    while gathered.take(rows, size) or first:
        yield gathered.batch()
        gathered, first = _Gathered(layout, missing), False


class _Gathered:
    """The rows of one batch, put together column by column."""

    def __init__(self, layout: Layout, missing: frozenset[str]) -> None:
        self._layout, self._missing = layout, missing
        self._columns: list[list[str]] = [[] for _ in layout.names]
        self._lines: list[int] = []
        self._malformed: list[MalformedRow] = []

    def take(self, rows: Iterator[Record | MalformedRow], size: int) -> bool:
        """Take up to `size` rows; whether there were any."""
        left = size
        while left and (some := list(itertools.islice(rows, min(left, PIECE_ROWS)))):
            self._add(some)
            left -= len(some)
        return left < size

    def _add(self, rows: list[Record | MalformedRow]) -> None:
        good = [row for row in rows if isinstance(row, Record)]
        if len(good) < len(rows):
            self._malformed += [row for row in rows if isinstance(row, MalformedRow)]
        self._lines += [row.line for row in good]
        for column, cells in zip(self._columns, zip(*(row.cells for row in good), strict=True), strict=False):
            column.extend(cells)

    def batch(self) -> Batch:
        named = zip(self._layout.names, self._columns, strict=True)
        columns = {name: _present(cells, self._missing) for name, cells in named if name}
        return Batch(columns, self._lines, tuple(self._malformed))


def _present(cells: list[str], missing: frozenset[str]) -> list[str]:
    return ["" if cell.strip() in missing else cell for cell in cells] if missing else cells


def _fitting(found: Iterator[Record | MalformedRow], layout: Layout) -> Iterator[Record | MalformedRow]:
    """Pass on the rows that are as long as the header, set the others apart with the reason, and drop blank lines."""
    width, trailing = len(layout.names) + layout.trailing, layout.trailing
    blank: list[MalformedRow] = []
    for record in found:
        if isinstance(record, MalformedRow):
            yield record
        elif record.blank:
            if width == 1:
                blank.append(MalformedRow(record.line, BLANK, ""))
        else:
            yield from blank
            blank.clear()
            if len(record.cells) != width or (trailing and record.cells[-1]):
                yield from lines_of(record.lines, record.line, _misfit(record, layout))
            else:
                yield record


def _misfit(record: Record, layout: Layout) -> str:
    delimiter = " and a delimiter at the end, as in the first rows" if layout.trailing else " as in the header"
    cells = len(record.cells) - (layout.trailing and not record.cells[-1])
    return f"expected {cell_count(len(layout.names))}{delimiter}, found {cells}"
