"""Reads large delimited files in batches of Arrow arrays, by the rules of `tabular.delimited`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

import numpy as np
import pyarrow as pa

from tabular.delimited import OpenFile, Rows, take
from tabular.formats import USUAL, Format
from tabular.layouts import Layout
from tabular.plain_blocks import PlainBlocks
from tabular.records import MalformedRow, Record

BATCH_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a file, in order."""

    columns: dict[str, pa.Array]
    """The (n,) cells of each column as large_string, never null, without columns that have no name."""
    lines: np.ndarray
    """(n,) the line on which each row begins, from 1."""
    malformed: tuple[MalformedRow, ...] = ()

    def part(self, first: int, count: int) -> "Batch":
        """Return a slice of a batch without malformed rows."""
        columns = {name: cells.slice(first, count) for name, cells in self.columns.items()}
        return Batch(columns, self.lines[first : first + count])


def read_batches(stream: IO[bytes], format: Format = USUAL, rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Read a file in batches of at most `rows` rows. The memory does not grow with the file.

    Yields at least one batch, which is empty for a file without rows. Raises FormatError, also after some batches, when
    the file as a whole can't be read.
    """
    file = OpenFile(stream, format)
    pieces = _Pieces(file)
    yield _joined(file.layout, pieces.take(rows))
    while found := pieces.take(rows):
        yield _joined(file.layout, found)


def _joined(layout: Layout, pieces: Sequence[Batch]) -> Batch:
    """Return the pieces, if any, as one batch."""
    empty = pa.array([], pa.large_string())
    columns = {
        name: pa.concat_arrays([piece.columns[name] for piece in pieces] or [empty]) for name in layout.names if name
    }
    lines = np.concatenate([np.zeros(0, dtype="int64"), *(piece.lines for piece in pieces)])
    return Batch(columns, lines, tuple(chain.from_iterable(piece.malformed for piece in pieces)))


class _Pieces:
    """Reads the rows of a file in pieces. The rows of a plain block are one piece."""

    def __init__(self, file: OpenFile) -> None:
        self._file, self._header = file, file.has_header
        self._plain = PlainBlocks(file.layout, file.format, file.end)
        self._missing = frozenset(file.format.missing)
        self._before = 0
        """The number of lines in the blocks before the next one."""
        self._ready: Batch | None = None
        self._rows: Iterator[Record | MalformedRow] = iter(())

    def take(self, size: int) -> list[Batch]:
        """Return the next `size` rows, including malformed ones, in pieces; fewer at the end of the file."""
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
            if found := self._batch(take(self._rows, size, self._file.layout)):
                return found
            block = next(self._file.blocks, None)
            if block is None:
                return None
            self._prepare(block)

    def _prepare(self, block: list[str]) -> None:
        """Prepare the rows of a block. After a quote, which may span blocks, prepare the rows of all further blocks."""
        header, self._header = self._header and bool(block), self._header and not block
        if self._plain.has_quotes(block):
            self._rows = self._file.rows(chain(block, chain.from_iterable(self._file.blocks)), self._before)
            if header:
                next(self._rows)
            return
        block, self._before = block[header:], self._before + header
        cells = self._plain.cut(block)
        if cells is None:
            self._rows = self._file.rows(block, self._before)
        else:
            first = self._file.layout.start + self._before + 1
            self._ready = self._columns(cells, np.arange(first, first + len(block), dtype="int64"))
        self._before += len(block)

    def _columns(self, cells: Sequence[pa.Array], lines: np.ndarray) -> Batch:
        named = zip(self._file.layout.names, cells, strict=True)
        return Batch({name: _present(column, self._missing) for name, column in named if name}, lines)

    def _batch(self, rows: Rows) -> Batch | None:
        """Return the rows as a batch, or None without rows."""
        if not rows.lines and not rows.malformed:
            return None
        columns = {
            name: _present(pa.array(cells, pa.large_string()), self._missing) for name, cells in rows.columns.items()
        }
        return Batch(columns, np.array(rows.lines, dtype="int64"), rows.malformed)


def _present(cells: pa.Array, missing: frozenset[str]) -> pa.Array:
    """Return the (n,) cells with an empty text for each marker of a missing value."""
    if not missing:
        return cells
    distinct = cells.dictionary_encode()
    texts = ["" if text.strip() in missing else text for text in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.large_string()).take(distinct.indices)
