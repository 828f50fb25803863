"""Plans where a delimited file is cut, so that a record with quoted line ends stays whole.

Each range of bytes is counted first: its quotes and its line ends. A line end after an even number of quotes is outside
quotes, unless a row is malformed. So a plan is a proposal: the reader of a range reports where its last row really
ended, and `tabular.spark.ingest` plans again from there if that is not the next range's beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tabular.spark import objects


class Cut(NamedTuple):
    """A place between two lines of a file."""

    byte: int
    lines: int
    """The number of lines before it."""


@dataclass(frozen=True)
class Counted:
    """The quotes and line ends in the bytes from `start` to the next range."""

    start: int
    quotes: int
    ends: int
    first: tuple[Cut | None, Cut | None]
    """After the first line end with an even and with an odd number of quotes in this range before it."""


class Marks(NamedTuple):
    """The bytes that decide where rows end."""

    quote: bytes | None
    end: bytes


def count(uri: str, start: int, end: int, marks: Marks) -> Counted:
    """Count one range of a file."""
    with objects.opened(uri, start, end) as stream:
        content = np.frombuffer(stream.read(end - start), "uint8")
    ends = np.flatnonzero(content == ord(marks.end))
    quotes = np.flatnonzero(content == ord(marks.quote)) if marks.quote else np.zeros(0, "int64")
    parity = np.searchsorted(quotes, ends) % 2
    first = tuple(_first(start, ends, np.flatnonzero(parity == odd)) for odd in (0, 1))
    return Counted(start, len(quotes), len(ends), (first[0], first[1]))


def _first(start: int, ends: np.ndarray, places: np.ndarray) -> Cut | None:
    return Cut(start + int(ends[places[0]]) + 1, int(places[0]) + 1) if len(places) else None


def plan(counted: Sequence[Counted], after: Cut, size: int, *, odd: bool) -> list[Cut]:
    """Return where ranges begin: `after`, and a line end in each counted range beyond it; then the file's end.

    `odd` tells whether the number of quotes before a line end outside quotes is odd: so it is after a stray quote.
    """
    cuts, quotes, lines = [after], 0, 0
    for each in counted:
        found = each.first[(quotes + odd) % 2]
        if found and each.start > 0 and cuts[-1].byte < found.byte < size:
            cuts.append(Cut(found.byte, lines + found.lines))
        quotes += each.quotes
        lines += each.ends
    return [*cuts, Cut(size, lines)]
