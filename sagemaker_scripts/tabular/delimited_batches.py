"""Reads large delimited files in batches of Arrow arrays, by the rules of `tabular.delimited`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa

from tabular.delimited import OpenFile, Rows, split_lines, take
from tabular.formats import USUAL, Format
from tabular.plain_blocks import PlainBlocks, PlainRows
from tabular.plain_columns import PlainColumns
from tabular.records import MalformedRow, Record

BATCH_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a file, in order."""

    columns: dict[str, pa.Array]
    """The (n,) cells of each column as large_string, never null, without columns that have no name.

    Those of `PlainColumns` may be converted: then an empty cell is null.
    """
    lines: np.ndarray
    """(n,) the line on which each row begins, from 1."""
    malformed: tuple[MalformedRow, ...] = ()

    def __len__(self) -> int:
        return len(self.lines) + len(self.malformed)

    def parts(self, size: int) -> Iterator["Batch"]:
        """Yield the batch in parts of at most `size` rows."""
        if len(self) <= size:
            yield self
            return
        every = np.sort(np.concatenate([self.lines, [row.line for row in self.malformed]]).astype("int64"))
        for first in range(0, len(every), size):
            lines = every[first : first + size]
            low, high = np.searchsorted(self.lines, [lines[0], lines[-1] + 1]).tolist()
            columns = {name: cells.slice(low, high - low) for name, cells in self.columns.items()}
            malformed = tuple(row for row in self.malformed if lines[0] <= row.line <= lines[-1])
            yield Batch(columns, self.lines[low:high], malformed)


def read_batches(
    stream: IO[bytes], format: Format = USUAL, rows: int = BATCH_ROWS, plain: PlainColumns | None = None
) -> Iterator[Batch]:
    """Read a file in batches of at most `rows` rows. The memory does not grow with the file.

    Where all cells of a part of the file are plain, the columns of `plain` are converted.

    Yields at least one batch, which is empty for a file without rows. Raises FormatError, also after some batches, when
    the file as a whole can't be read.
    """
    reader = Reader(OpenFile(stream, format), columns=plain)
    found = False
    for batch in reader.batches(rows):
        if len(batch):
            found = True
            yield from batch.parts(rows)
    if not found:
        yield reader.empty()


class Reader:
    """Reads the rows of a file, or of a range of it, block by block."""

    def __init__(self, file: OpenFile, before: int = 0, columns: PlainColumns | None = None) -> None:
        """`before` is the number of lines after the layout's start that are before the first block."""
        self._file, self._columns = file, PlainColumns() if columns is None else columns
        self._plain = PlainBlocks(file.layout, file.format, file.end)
        self._missing = frozenset(file.format.missing)
        self._before = before
        """The number of lines in the blocks before the next one."""

    @property
    def lines(self) -> int:
        """The number of lines of the file until now."""
        return self._file.layout.start + self._before

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the rows in batches of about `size` rows, some of which may be empty."""
        header = self._file.has_header
        for block in filter(None, self._file.whole_blocks()):
            text = self._after_header(block) if header else block
            yield from self._rows(text, size, header=header and text is block)
            header = False

    def empty(self) -> Batch:
        """Return a batch without rows."""
        cells = pa.array([], pa.large_string())
        return Batch({name: cells for name in self._file.layout.names if name}, np.zeros(0, dtype="int64"))

    def _after_header(self, block: str) -> str:
        """Return the block without its header, if that is the first line; else the unchanged block."""
        line = block[: block.find(self._file.end) + 1]
        if not line or (self._plain.has_quotes(line) and not self._is_row(line)):
            return block
        self._before += 1
        return block[len(line) :]

    def _is_row(self, line: str) -> bool:
        """Whether a line with quotes is a row, whatever follows."""
        found = next(self._file.rows([line], 0), None)
        return isinstance(found, Record) and line.count(self._file.format.quote or "") % 2 == 0

    def _rows(self, block: str, size: int, *, header: bool) -> Iterator[Batch]:
        if not header and (found := self._plain.cut(block, self._types)) is not None:
            batch = self._plain_batch(found)
            self._before += len(batch.lines) + len(found.misfits)
            yield batch
            return
        lines = _Lines(block, self._file)
        rows = self._file.rows(lines, self._before, lines.may_end if self._plain.possible else lambda: False)
        if header:
            next(rows)
        while len(batch := self._batch(take(rows, size, self._file.layout))):
            yield batch
        self._before += lines.count

    @property
    def _types(self) -> Mapping[str, pa.DataType]:
        return {} if self._missing else self._columns.types

    def _plain_batch(self, found: PlainRows) -> Batch:
        first = self._before + self._file.layout.start + 1
        lines = np.arange(first, first + len(found.columns[0]) + len(found.misfits), dtype="int64")
        malformed = list[MalformedRow]()
        for place, text in found.misfits:
            rows = self._file.rows([text + self._file.end], self._before + place)
            malformed += [row for row in rows if isinstance(row, MalformedRow)]
        lines = np.delete(lines, [place for place, _ in found.misfits])
        return self._with_names(found.columns, lines, malformed)

    def _with_names(self, cells: Sequence[pa.Array], lines: np.ndarray, malformed: Sequence[MalformedRow]) -> Batch:
        named = zip(self._file.layout.names, cells, strict=True)
        return Batch({name: _present(column, self._missing) for name, column in named if name}, lines, tuple(malformed))

    def _batch(self, rows: Rows) -> Batch:
        columns = {
            name: _present(pa.array(cells, pa.large_string()), self._missing) for name, cells in rows.columns.items()
        }
        return Batch(columns, np.array(rows.lines, dtype="int64"), rows.malformed)


class _Lines:
    """The lines of a block and, as long as they are asked for, of the blocks after it."""

    def __init__(self, block: str, file: OpenFile) -> None:
        self._file = file
        self._left = iter(split_lines(block, file.end))
        self._next = next(self._left, None)
        self.count = 0
        """The number of lines so far."""

    def may_end(self) -> bool:
        """Whether the next line is the first one of a block."""
        return self._next is None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self._next is None:
            self._left = iter(split_lines(next(self._file.blocks), self._file.end))
            self._next = next(self._left, None)
        line, self._next = self._next, next(self._left, None)
        self.count += 1
        return line


def _present(cells: pa.Array, missing: frozenset[str]) -> pa.Array:
    """Return the (n,) cells with an empty text for each marker of a missing value."""
    if not missing:
        return cells
    distinct = cells.dictionary_encode()
    texts = ["" if text.strip() in missing else text for text in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.large_string()).take(distinct.indices)
