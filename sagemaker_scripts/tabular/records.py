"""Cuts lines of text into records of cells, and sets apart the lines whose quoting is not sound."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

from tabular.formats import Format, FormatError

MAX_RECORD = 10_000_000
"""Characters that one record may have; more are a quote that was never closed."""

QUOTED_LINES = 1_000
"""Lines after an unsound record that are looked through for the end of a quoted cell."""

csv.field_size_limit(MAX_RECORD)


@dataclass(frozen=True)
class MalformedRow:
    """A line that can't be read as a row."""

    line: int
    """Counted from 1."""
    reason: str
    text: str
    """The line as it was: for the quarantine only, never for a message."""


class Record(NamedTuple):
    """The cells of one row."""

    line: int
    """Where it begins, counted from 1."""
    cells: list[str]
    blank: bool


class Lines:
    """The lines of a file, counted; keeps those of the record that is being read."""

    def __init__(self, lines: Iterable[str], comment: str | None = None, number: int = 0) -> None:
        self.number = number
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

    @property
    def first(self) -> int:
        """The line that the record begins on."""
        return self.number - len(self.record) + 1

    def put_back(self) -> None:
        """Let the lines of the record be read again."""
        self._again.extend(reversed(self.record))
        self.number -= len(self.record)
        self.record.clear()

    def _too_long(self) -> FormatError:
        return FormatError(
            f"line {self.first}: expected a row of at most {MAX_RECORD:,} characters, found more. "
            "Close the quote that opens there"
        )


def dialect(format: Format, delimiter: str) -> dict[str, Any]:
    """How Python's csv module reads a file of this format."""
    quoting: dict[str, Any] = {"quoting": csv.QUOTE_NONE} if format.quote is None else {"quotechar": format.quote}
    return {"delimiter": delimiter, "strict": True, "skipinitialspace": delimiter != " ", **quoting}


def records(lines: Lines, format: Format, delimiter: str) -> Iterator[Record | MalformedRow]:
    """Cut `lines` into records; each line of a record that is not sound comes as a MalformedRow.

    Quoting is RFC 4180's: quotes enclose a whole cell, and one within is doubled. After an unsound record, the lines up
    to a closing quote are set apart too, for nobody can tell them from rows.
    """
    reader = csv.reader(lines, **dialect(format, delimiter))
    quote, record = format.quote or "", lines.record
    sound = _sound(quote, delimiter) if quote else None
    while True:
        record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield from _unsound(lines, format, delimiter, _reason(error, lines.first))
            continue
        text = record[0] if len(record) == 1 else "".join(record)
        if sound and quote in text and quote in "".join(cells) and not sound.fullmatch(text):
            yield from _unsound(lines, format, delimiter, "expected a quote only around a whole cell, found one within")
        elif "\0" in text:
            yield from _lines_of(lines, "expected text, found a NUL character")
        else:
            yield Record(lines.first, cells, not cells or not text.strip())


def _sound(quote: str, delimiter: str) -> re.Pattern[str]:
    q, d = re.escape(quote), re.escape(delimiter)
    cell = rf" *+(?:{q}(?:[^{q}]++|{q}{q})*+{q}|[^{q}{d}\r\n]*+)"
    return re.compile(rf"{cell}(?:{d}{cell})*+[\r\n]*+")


def _unsound(lines: Lines, format: Format, delimiter: str, reason: str) -> Iterator[MalformedRow]:
    """Set apart the record's lines, and those after it that are the rest of a quoted cell that it left open."""
    first, quote, last = lines.first, format.quote, lines.record[-1] if lines.record else ""
    yield from _lines_of(lines, reason)
    if not quote or last.count(quote) % 2 == 0:
        return
    lines.record.clear()
    if _closes(lines, format, delimiter, quote):
        yield from _lines_of(lines, f"expected a row, found what may be in the quotes of line {first}")
    else:
        lines.put_back()


def _closes(lines: Lines, format: Format, delimiter: str, quote: str) -> bool:
    """Read on as if within quotes; whether they close soon, and as they should."""
    try:
        return bool(next(csv.reader(chain([quote], islice(lines, QUOTED_LINES)), **dialect(format, delimiter))))
    except csv.Error:
        return False


def _lines_of(lines: Lines, reason: str) -> Iterator[MalformedRow]:
    for number, text in enumerate(lines.record, start=lines.first):
        yield MalformedRow(number, reason, text.rstrip("\r\n"))


def _reason(error: csv.Error, first: int) -> str:
    words = str(error)
    if "end of data" in words:
        return f"expected a quote that closes the one opened in line {first}, found the end of the file"
    if "new-line" in words:
        return "expected a line end, found a carriage return within a cell. Quote the cell"
    if "expected after" in words:
        return "expected a delimiter after the closing quote, found other text"
    return f"expected a row, could not cut it into cells ({words})"
