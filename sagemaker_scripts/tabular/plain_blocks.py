"""Cuts blocks of plain lines by Arrow's reader, in a fiftieth of the time of cutting row by row.

In a plain block every line is a record, and a quote encloses a whole cell. `tabular.records` cuts other blocks, and the
lines of a plain block that have another number of cells than expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tabular.delimited import MARK
from tabular.formats import Format
from tabular.layouts import Layout
from tabular.plain_columns import agree, readable, stored
from tabular.records import MAX_RECORD

TEXT = pa.large_string()
FEWEST_BYTES = 2_000
"""The least size for which Arrow's reader is faster, in spite of its start-up time."""


@dataclass(frozen=True, eq=False)
class PlainRows:
    """The rows of a plain block."""

    columns: list[pa.Array]
    """The (n,) cells of each column: large_string and never null, or converted."""
    misfits: list[tuple[int, str]]
    """The lines that have another number of cells, without their ends, with their positions in the block, from 0."""


class PlainBlocks:
    """Cuts the blocks of one file."""

    def __init__(self, layout: Layout, format: Format, end: str) -> None:
        """`end` is the line end character of the file."""
        self._layout, self._format, self._end = layout, format, end
        self._width = len(layout.names) + layout.trailing
        marks = (layout.delimiter, format.quote or '"')
        self.possible = self._width > 1 and all(mark.isascii() for mark in marks)
        """Whether a block of the file can be plain."""

    def has_quotes(self, block: str) -> bool:
        """Whether a block has a quote. After a quote, a row may span several lines."""
        return self._format.quote is not None and self._format.quote in block

    def cut(self, block: str, types: Mapping[str, pa.DataType] | None = None) -> PlainRows | None:
        """Return the rows of whole lines; None if they are not plain.

        The columns of `types`, by name, are converted if all of their cells in this block are plain.
        """
        if not self.possible or not block or len(block) < FEWEST_BYTES:
            return None
        text = block if block.endswith(self._end) else block + self._end
        if self._is_odd(text):
            return None
        content = text.encode(errors="surrogatepass")
        ends = np.flatnonzero(np.frombuffer(content, "uint8") == ord(self._end))
        if (np.diff(ends) == 1).any():  # Arrow's reader drops an empty line
            return None
        quoted = self.has_quotes(text)
        if quoted and not self._encloses_whole_cells(content, ends):
            return None
        found = self._converted(content, quoted, types or {}) or self._read(content, quoted, {})
        if found is None:
            return None
        columns = self._without_blanks(found.columns, content)
        if self._layout.trailing and not pc.all(pc.equal(columns.pop(), "")).as_py():
            return None
        return PlainRows(columns, found.misfits)

    def _is_odd(self, text: str) -> bool:
        comment, end = self._format.comment, self._end
        return (
            "\0" in text
            or text.startswith((MARK, "\r", "\n"))  # Arrow's reader would drop a mark
            or len(text) > MAX_RECORD
            or (end == "\n" and "\r" in text and self._has_odd_returns(text))
            or (end == "\r" and "\n" in text)
            or (comment is not None and (text.startswith(comment) or end + comment in text))
        )

    def _has_odd_returns(self, text: str) -> bool:
        return "\n\r" in text or text.count("\r") != text.count("\r\n")

    def _encloses_whole_cells(self, content: bytes, ends: np.ndarray) -> bool:
        """Whether each quote begins or ends a cell of one line, which has no quote and no blank before its text.

        `ends` has the places of the line ends.
        """
        found = np.frombuffer(content, "uint8")
        quotes = np.flatnonzero(found == ord(self._format.quote or ""))
        if len(quotes) % 2:
            return False
        opening, closing = quotes[::2], quotes[1::2]
        before = found[opening - 1]  # of the first character: the last one, a line end
        after, within = found[closing + 1], found[opening + 1]
        borders = [ord(self._layout.delimiter), ord(self._end)]
        return bool(
            np.isin(before, borders).all()
            and np.isin(after, [*borders, ord("\r")]).all()
            and not (within == ord(" ")).any()
            and (np.searchsorted(ends, opening) == np.searchsorted(ends, closing)).all()
        )

    def _converted(self, content: bytes, quoted: bool, types: Mapping[str, pa.DataType]) -> PlainRows | None:
        usable = readable(types, content)
        known = {str(place): usable[name] for place, name in enumerate(self._layout.names) if name in usable}
        found = self._read(content, quoted, known) if known else None
        if found is None or not agree([column for column in found.columns if column.type != TEXT]):
            return None
        return PlainRows([stored(column) for column in found.columns], found.misfits)

    def _read(self, content: bytes, quoted: bool, types: Mapping[str, pa.DataType]) -> PlainRows | None:
        names = [str(place) for place in range(self._width)]
        misfits: list[tuple[int, str]] = []

        def note(row: csv.InvalidRow) -> str:
            misfits.append((row.number - 1, row.text))
            return "skip"

        try:
            table = csv.read_csv(
                pa.py_buffer(content),
                csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
                csv.ParseOptions(
                    delimiter=self._layout.delimiter,
                    quote_char=self._format.quote if quoted else False,
                    double_quote=False,
                    ignore_empty_lines=False,
                    invalid_row_handler=note,
                ),
                csv.ConvertOptions(
                    column_types={**dict.fromkeys(names, TEXT), **types},
                    strings_can_be_null=False,
                    null_values=[""],
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        return PlainRows(
            [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns],
            misfits,
        )

    def _without_blanks(self, columns: Sequence[pa.Array], content: bytes) -> list[pa.Array]:
        """Return the cells without blanks before them."""
        if self._layout.delimiter == " " or b" " not in content:
            return list(columns)
        return [pc.utf8_ltrim(column, " ") if _has_blanks(column) else column for column in columns]


def _has_blanks(column: pa.Array) -> bool:
    """Whether a text begins with a blank. Blanks around a number do not matter to its conversion."""
    return column.type == TEXT and bool(pc.any(pc.starts_with(column, " "), min_count=0).as_py())
