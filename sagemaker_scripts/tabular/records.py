"""Cuts lines of text into records of cells. Lines with invalid quoting become malformed rows."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

from tabular.formats import Format, FormatError

MAX_RECORD = 10_000_000
"""The maximum number of characters of a record. A longer one has an unclosed quote."""

QUOTED_LINES = 1_000
"""The number of lines after an invalid record that are searched for the end of a quoted cell."""

csv.field_size_limit(MAX_RECORD)


@dataclass(frozen=True)
class MalformedRow:
    """A line that can't be read as a row."""

    line: int
    """The line number, from 1."""
    reason: str
    text: str
    """The unchanged line, only for the quarantine, never for a message."""


class Record(NamedTuple):
    """The cells of one row."""

    line: int
    """The number of its first line, from 1."""
    cells: list[str]
    blank: bool
    lines: list[str]
    """Its unchanged lines, valid until the next record is read."""


class Lines:
    """Counts the lines of a file, and keeps those of the current record."""

    def __init__(
        self,
        lines: Iterable[str],
        comment: str | None = None,
        number: int = 0,
        ends: Callable[[], bool] = lambda: False,
    ) -> None:
        """`number` is the number of earlier lines. `ends` tells whether `lines` may end before its next line."""
        self.number = number
        self._ends = ends
        self.record: list[str] = []
        self._size = 0
        self._again: list[str] = []
        self._lines = iter(lines)
        self._comment = comment

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._next()
        while self._comment and not self.record and line.startswith(self._comment):
            line = self._next()
        self._size = self._size + len(line) if self.record else len(line)
        self.record.append(line)
        if self._size > MAX_RECORD:
            raise self._too_long()
        return line

    def _next(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.number += 1
        return line

    def may_end(self) -> bool:
        """Whether the lines may end here: those that were pushed back are read again before."""
        return not self._again and self._ends()

    @property
    def first(self) -> int:
        """The number of the record's first line."""
        return self.number - len(self.record) + 1

    def put_back(self) -> None:
        """Push the lines of the record back, so that they are read again."""
        self._again.extend(reversed(self.record))
        self.number -= len(self.record)
        self.record.clear()

    def _too_long(self) -> FormatError:
        return FormatError(
            f"line {self.first}: expected a row of at most {MAX_RECORD:,} characters, found more. "
            "Close the quote that opens in this line"
        )


def records(lines: Lines, format: Format, delimiter: str) -> Iterator[Record | MalformedRow]:
    """Cut `lines` into records. Each line of an invalid record becomes a MalformedRow.

    Quoting follows RFC 4180: quotes enclose a whole cell, and a quote inside a cell is doubled. Lines that may be part
    of an invalid record's quoted cell also become malformed rows, because they can't be told from rows.
    """
    return _Cutter(lines, format, delimiter).cut()


class _Cutter:
    def __init__(self, lines: Lines, format: Format, delimiter: str) -> None:
        self._lines, self._quote = lines, format.quote or ""
        self._dialect = _dialect(format.quote, delimiter)
        self._sound = _sound(format.quote, delimiter) if format.quote else None
        self._held: Record | None = None
        """A record of several lines. It is released when the next record shows that its last quote is a closing one."""

    def cut(self) -> Iterator[Record | MalformedRow]:
        reader, record = csv.reader(self._lines, **self._dialect), self._lines.record
        while True:
            record.clear()
            if not self._held and self._lines.may_end():
                return
            try:
                cells = next(reader)
            except StopIteration:
                yield from self._release()
                return
            except csv.Error as error:
                yield from self._set_apart(_reason(error, self._lines.first))
                continue
            text = record[0] if len(record) == 1 else "".join(record)
            if self._quote in text and self._is_unsound(text, cells):
                yield from self._set_apart("expected a quote only around a whole cell, found one inside")
                continue
            if self._held:
                yield from self._release()
            if "\0" in text:
                yield from lines_of(record, self._lines.first, "expected text, found a NUL character")
            elif len(record) == 1:
                yield Record(self._lines.first, cells, len(cells) < 2 and not text.strip(), record)
            else:
                self._held = Record(self._lines.first, cells, False, list(record))

    def _is_unsound(self, text: str, cells: list[str]) -> bool:
        return self._sound is not None and self._quote in "".join(cells) and not self._sound.fullmatch(text)

    def _release(self) -> Iterator[Record]:
        if self._held:
            yield self._held
        self._held = None

    def _set_apart(self, reason: str) -> Iterator[Record | MalformedRow]:
        """Yield malformed rows for the record, the record before it and the lines after it that may be parts of it."""
        lines, first = self._lines, self._lines.first
        odd = self._quote and "".join(lines.record).count(self._quote) % 2
        if self._held and odd:
            yield from lines_of(
                self._held.lines, self._held.line, f"expected a row, found a quote that is open until line {first}"
            )
            self._held = None
        yield from self._release()
        yield from lines_of(lines.record, first, reason)
        if self._quote and lines.record and lines.record[-1].count(self._quote) % 2:
            lines.record.clear()
            yield from self._rest_of_cell(first)

    def _rest_of_cell(self, first: int) -> Iterator[MalformedRow]:
        if self._closes():
            reason = f"expected a row, found text that may be inside the quotes of line {first}"
            yield from lines_of(self._lines.record, self._lines.first, reason)
        else:
            self._lines.put_back()

    def _closes(self) -> bool:
        """Whether the following lines, read as if inside quotes, close them soon and correctly."""
        within = chain([self._quote], islice(self._lines, QUOTED_LINES))
        try:
            return bool(next(csv.reader(within, **self._dialect)))
        except (csv.Error, FormatError):
            return False


def lines_of(lines: Sequence[str], first: int, reason: str) -> Iterator[MalformedRow]:
    """Yield each line of a record as a malformed row. `first` is the number of its first line."""
    for number, text in enumerate(lines, start=first):
        yield MalformedRow(number, reason, text.rstrip("\r\n"))


def _dialect(quote: str | None, delimiter: str) -> dict[str, Any]:
    """Return the parameters of Python's csv module for this format."""
    quoting: dict[str, Any] = {"quoting": csv.QUOTE_NONE} if quote is None else {"quotechar": quote}
    return {"delimiter": delimiter, "strict": True, "skipinitialspace": delimiter != " ", **quoting}


def _sound(quote: str, delimiter: str) -> re.Pattern[str]:
    q, d = re.escape(quote), re.escape(delimiter)
    cell = rf" *+(?:{q}(?:[^{q}]++|{q}{q})*+{q}|[^{q}{d}\r\n]*+)"
    return re.compile(rf"{cell}(?:{d}{cell})*+[\r\n]*+")


def _reason(error: csv.Error, first: int) -> str:
    found = str(error)
    if "end of data" in found:
        return f"expected a quote that closes the one opened in line {first}, found the end of the file"
    if "new-line" in found:
        return "expected a line end, found a carriage return inside a cell. Quote the cell"
    if "expected after" in found:
        return "expected a delimiter after the closing quote, found other text"
    return f"expected a row, could not cut it into cells ({found})"
