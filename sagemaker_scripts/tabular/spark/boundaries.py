"""Plans where a delimited file is cut, so that a record with quoted line ends stays whole.

Each range of bytes is counted first: its quotes and its line ends. A line end after an even number of quotes is outside
quotes; after a stray quote it is one after an odd number. So a plan is a proposal: the reader of a range reports where
its last row really ended, and `tabular.spark.ranges` reads again from there if no range begins there.
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
    """After the first line end with an even and with an odd number of quotes in this range before it, of which the line
    end before has the same: the line is a row of its own, see `tabular.spark.range_file.LINES_BEYOND`."""


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
    alone = parity[1:] == parity[:-1]
    first = [_first(start, ends, np.flatnonzero(alone & (parity[1:] == odd)) + 1) for odd in (0, 1)]
    return Counted(start, len(quotes), len(ends), (first[0], first[1]))


def _first(start: int, ends: np.ndarray, places: np.ndarray) -> Cut | None:
    return Cut(start + int(ends[places[0]]) + 1, int(places[0]) + 1) if len(places) else None


def plan(counted: Sequence[Counted], size: int, *, odd: bool) -> list[Cut]:
    """Return where ranges begin after the first one.

    `odd` tells whether the number of quotes before a line end outside quotes is odd, as it is after a stray quote.
    """
    cuts, quotes, lines = list[Cut](), 0, 0
    for each in counted:
        found = each.first[(quotes + odd) % 2]
        if found and each.start > 0 and found.byte < size:
            cuts.append(Cut(found.byte, lines + found.lines))
        quotes += each.quotes
        lines += each.ends
    return cuts
