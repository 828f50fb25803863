"""Reads delimited text (CSV) for ingestion, `predict --input` and the endpoint's `text/csv`.

A malformed row is returned separately, with its line and the reason. It is never shifted, padded or cut. A file that
can't be read as a whole raises FormatError. Quoting follows RFC 4180. Cells do not change, except that blanks before
them are removed, and the format's markers of missing values become empty.
"""

import codecs
import io
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

import numpy as np

from tabular.file_kinds import refuse_other_kinds, suggested_encoding
from tabular.formats import USUAL, Format, FormatError
from tabular.layouts import Layout, cell_count, find_layout, line_end
from tabular.records import MAX_RECORD, Lines, MalformedRow, Record, lines_of, records

CHUNK_BYTES = 2 << 20
MARK = "\ufeff"
"""The byte order mark. Some tools write it twice, or in an encoding without one."""
PIECE_ROWS = 500
"""The number of rows that are kept as lists. Many small lists slow down Python's garbage collector."""
BLANK = 'expected a cell, found a blank line. Write "" for a missing value'


@dataclass(frozen=True)
class Rows:
    """All rows of a small file."""

    columns: dict[str, list[str]]
    """The cells as text, by column, without columns that have no name."""
    lines: list[int]
    """The line on which each row begins, from 1."""
    malformed: tuple[MalformedRow, ...]


def read(content: bytes, format: Format = USUAL) -> Rows:
    """Read all rows of a small file. Raises FormatError when the file as a whole can't be read."""
    file = OpenFile(io.BytesIO(content), format)
    found = file.rows(itertools.chain.from_iterable(split_lines(block, file.end) for block in file.blocks), 0)
    if file.has_header:
        next(found)
    rows = take(found, sys.maxsize, file.layout)
    missing = frozenset(format.missing)
    columns = {name: present(cells, missing) for name, cells in rows.columns.items()} if missing else rows.columns
    return Rows(columns, rows.lines, rows.malformed)


def present(cells: list[str], missing: frozenset[str]) -> list[str]:
    """Return the cells with an empty text for each marker of a missing value."""
    return ["" if cell.strip() in missing else cell for cell in cells]


class OpenFile:
    """An open file with its layout. Raises FormatError when it can't be read as a whole."""

    def __init__(self, stream: IO[bytes], format: Format) -> None:
        chunks = _text(stream, format)
        head = next(chunks, "")
        self.format = format
        self.end = line_end(head, format.quote)
        """The line end character."""
        blocks = _blocks(itertools.chain([head], chunks), self.end)
        first = next(blocks, "")
        second = next(blocks, None)
        lines = split_lines(first, self.end)
        self.layout = find_layout(lines, second is None, format)
        first = first[sum(map(len, lines[: self.layout.start])) :]
        self.blocks: Iterator[str] = itertools.chain([first], [second or ""], blocks)
        """Blocks of whole lines, from the header, or from the first row of a file without a header."""
        self.has_header = format.names is None

    def whole_blocks(self) -> Iterator[str]:
        """Yield the blocks that begin with a row, as long as the rows before take the lines of the others."""
        return self.blocks

    def rows(
        self, lines: Iterable[str], before: int, ends: Callable[[], bool] = lambda: False
    ) -> Iterator[Record | MalformedRow]:
        """Cut lines into rows, including the header. `before` is the number of earlier lines in the file's blocks.

        Where `ends` is true between two rows, the first of which does not depend on the second, these are all rows.
        """
        counted = Lines(lines, self.format.comment, self.layout.start + before, ends)
        return _fitting(records(counted, self.format, self.layout.delimiter), self.layout)


def take(rows: Iterator[Record | MalformedRow], size: int, layout: Layout) -> Rows:
    """Return up to `size` rows, including malformed ones, column by column."""
    columns: list[list[str]] = [[] for _ in layout.names]
    lines: list[int] = []
    malformed: list[MalformedRow] = []
    while (left := size - len(lines) - len(malformed)) and (some := list(islice(rows, min(left, PIECE_ROWS)))):
        good = [row for row in some if isinstance(row, Record)]
        if len(good) < len(some):
            malformed += [row for row in some if isinstance(row, MalformedRow)]
        lines += [row.line for row in good]
        for column, cells in zip(columns, zip(*(row.cells for row in good), strict=True), strict=False):
            column.extend(cells)
    named = {name: cells for name, cells in zip(layout.names, columns, strict=True) if name}
    return Rows(named, lines, tuple(malformed))


def _text(stream: IO[bytes], format: Format) -> Iterator[str]:
    """Decode a file in chunks, without the byte order marks at its beginning."""
    content = stream.read(CHUNK_BYTES)
    refuse_other_kinds(content, format.encoding)
    name = codecs.lookup(format.encoding).name
    decoder = codecs.getincrementaldecoder(name)()
    line, first = 1, True
    while True:
        try:
            text = decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            raise wrong_encoding(error, line, name) from error
        text, first = text.lstrip(MARK) if first else text, first and not text.strip(MARK)
        line += _line_feeds(text, content)
        yield text
        if not content:
            return
        content = stream.read(CHUNK_BYTES)


def _line_feeds(text: str, content: bytes) -> int:
    """Return the number of line feeds of a text, which `content` encodes."""
    if len(text) == len(content) and text.isascii():
        return int(np.count_nonzero(np.frombuffer(content, "uint8") == ord("\n")))
    return text.count("\n")


def wrong_encoding(error: UnicodeDecodeError, line: int, name: str) -> FormatError:
    """Return the error of text that `name` can not decode. `line` is the number of the text's first line."""
    line += error.object[: error.start].count(b"\n")
    if "end of data" in error.reason or "truncated" in error.reason:
        return FormatError(f"line {line}: expected text in {name}, found an incomplete last character. Copy it again")
    suggested = suggested_encoding(error.object)
    named = f"`encoding: {suggested}`, or what" if codecs.lookup(suggested).name != name else "the `encoding` that"
    advice = f"Write {named} it was saved in"
    return FormatError(
        f"line {line}: expected text in {name}, found the byte {error.object[error.start]:#04x}. {advice}"
    )


def _blocks(chunks: Iterator[str], end: str) -> Iterator[str]:
    """Cut text at ends of lines."""
    rest = ""
    for chunk in chunks:
        whole = chunk.rfind(end) + 1
        before, rest = rest, chunk[whole:] if whole else rest + chunk
        if len(rest) > MAX_RECORD:
            raise FormatError(f"expected lines of at most {MAX_RECORD:,} characters, found a longer one")
        if whole:
            yield before + chunk[:whole]
    if rest:
        yield rest


def split_lines(text: str, end: str) -> list[str]:
    """Return the lines of a text, each with its end, which the last one may lack."""
    *lines, last = text.split(end)
    return [line + end for line in lines] + ([last] if last else [])


def _fitting(found: Iterator[Record | MalformedRow], layout: Layout) -> Iterator[Record | MalformedRow]:
    """Yield the rows with the header's number of cells, the others as MalformedRow, and skip blank lines."""
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
