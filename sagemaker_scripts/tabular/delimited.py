"""Reads delimited text (CSV): ingestion, `predict --input` and the endpoint's `text/csv` all use this reader.

A row that is not well formed is set apart with its line and the reason; it is never shifted, padded or cut. A file that
can't be read as a whole is refused by FormatError. Quoting is RFC 4180's. No cell is altered but for blanks before it
and the markers of missing values that the format names.
"""

import codecs
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from tabular.file_kinds import refuse_other_kinds, suggested_encoding
from tabular.formats import USUAL, Format, FormatError
from tabular.layouts import Layout, cell_count, find_layout, line_end
from tabular.plain_blocks import MARK, PlainBlocks
from tabular.records import MAX_RECORD, Lines, MalformedRow, Record, lines_of, records

CHUNK_BYTES = 1 << 20
BATCH_ROWS = 50_000
PIECE_ROWS = 500
"""Rows that are kept as rows: many small lists would cost Python's garbage collector most of the time."""
BLANK = 'expected a cell, found a blank line. Write "" for a missing value'


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a file, in its order."""

    columns: dict[str, pa.Array]
    """The (n,) cells of each column as large_string, never null; a column without a name is left out."""
    lines: np.ndarray
    """(n,) the line on which each row begins, counted from 1."""
    malformed: tuple[MalformedRow, ...] = ()

    def part(self, first: int, count: int) -> "Batch":
        """Some of the rows of a batch that has no malformed ones."""
        columns = {name: cells.slice(first, count) for name, cells in self.columns.items()}
        return Batch(columns, self.lines[first : first + count])


@dataclass(frozen=True)
class Rows:
    """All rows of a small file."""

    columns: dict[str, list[str]]
    """The cells as text, by column; a column without a name is left out."""
    lines: list[int]
    """The line on which each row begins, counted from 1."""
    malformed: tuple[MalformedRow, ...]


def read(content: bytes, format: Format = USUAL) -> Rows:
    """All rows of a file. Raises FormatError when the file as a whole can't be read."""
    return gathered(list(read_batches(io.BytesIO(content), format)))


def gathered(batches: Sequence[Batch]) -> Rows:
    """The rows of batches of one file, of which there is at least one."""
    every = itertools.chain.from_iterable
    return Rows(
        {name: list(every(batch.columns[name].to_pylist() for batch in batches)) for name in batches[0].columns},
        list(every(batch.lines.tolist() for batch in batches)),
        tuple(every(batch.malformed for batch in batches)),
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
    pieces = _Pieces(rest, layout, format, end)
    yield _joined(layout, pieces.take(rows))
    while batch := pieces.take(rows):
        yield _joined(layout, batch)


def _joined(layout: Layout, pieces: Sequence[Batch]) -> Batch:
    """The pieces as one batch; there may be none."""
    empty = pa.array([], pa.large_string())
    columns = {
        name: pa.concat_arrays([piece.columns[name] for piece in pieces] or [empty]) for name in layout.names if name
    }
    lines = np.concatenate([np.zeros(0, dtype="int64"), *(piece.lines for piece in pieces)])
    return Batch(columns, lines, tuple(itertools.chain.from_iterable(piece.malformed for piece in pieces)))


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


class _Pieces:
    """Gives the rows of a file piece by piece, those of plain blocks at once."""

    def __init__(self, blocks: Iterator[list[str]], layout: Layout, format: Format, end: str) -> None:
        self._blocks, self._layout, self._format = blocks, layout, format
        self._plain, self._missing = PlainBlocks(layout, format, end), frozenset(format.missing)
        self._number = layout.start
        """The lines before the next block."""
        self._header = format.names is None
        """Whether the next row is the header."""
        self._ready: Batch | None = None
        self._rows: Iterator[Record | MalformedRow] = iter(())

    def take(self, size: int) -> list[Batch]:
        """The next `size` rows, the malformed ones among them, in pieces; fewer at the end of the file."""
        pieces: list[Batch] = []
        while size and (piece := self._next(size)):
            size -= len(piece.lines) + len(piece.malformed)
            pieces.append(piece)
        return pieces

    def _next(self, size: int) -> Batch | None:
        while True:
            if self._ready:
                piece, rest = self._ready.part(0, size), self._ready.part(size, len(self._ready.lines))
                self._ready = rest if len(rest.lines) else None
                return piece
            if piece := _gathered(self._rows, size, self._layout, self._missing):
                return piece
            block = next(self._blocks, None)
            if block is None:
                return None
            self._prepare(block)

    def _prepare(self, block: list[str]) -> None:
        """Make the rows of a block ready; after a quote, which may run into the next ones, those of all blocks."""
        header, self._header = self._header and bool(block), self._header and not block
        if self._plain.has_quotes(block):
            self._rows = self._records(itertools.chain(block, itertools.chain.from_iterable(self._blocks)))
            if header:
                next(self._rows)
            return
        block, self._number = block[header:], self._number + header
        cells = self._plain.cut(block)
        if cells is None:
            self._rows = self._records(block)
        else:
            named = zip(self._layout.names, cells, strict=True)
            columns = {name: _present(column, self._missing) for name, column in named if name}
            self._ready = Batch(columns, np.arange(len(block), dtype="int64") + self._number + 1)
        self._number += len(block)

    def _records(self, lines: Iterable[str]) -> Iterator[Record | MalformedRow]:
        counted = Lines(lines, self._format.comment, self._number)
        return _fitting(records(counted, self._format, self._layout.delimiter), self._layout)


def _gathered(
    rows: Iterator[Record | MalformedRow], size: int, layout: Layout, missing: frozenset[str]
) -> Batch | None:
    """Up to `size` rows, put together column by column; None where there are no more."""
    columns: list[list[str]] = [[] for _ in layout.names]
    lines: list[int] = []
    malformed: list[MalformedRow] = []
    while (left := size - len(lines) - len(malformed)) and (some := list(islice(rows, min(left, PIECE_ROWS)))):
        good = [row for row in some if isinstance(row, Record)]
        malformed += [row for row in some if isinstance(row, MalformedRow)]
        lines += [row.line for row in good]
        for column, cells in zip(columns, zip(*(row.cells for row in good), strict=True), strict=False):
            column.extend(cells)
    if not lines and not malformed:
        return None
    named = [(name, pa.array(cells, pa.large_string())) for name, cells in zip(layout.names, columns, strict=True)]
    present = {name: _present(cells, missing) for name, cells in named if name}
    return Batch(present, np.array(lines, dtype="int64"), tuple(malformed))


def _present(cells: pa.Array, missing: frozenset[str]) -> pa.Array:
    """The (n,) cells with an empty text for each marker of a missing value."""
    if not missing:
        return cells
    distinct = cells.dictionary_encode()
    texts = ["" if text.strip() in missing else text for text in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.large_string()).take(distinct.indices)


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
