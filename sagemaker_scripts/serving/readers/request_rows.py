"""The rows of a request, and the limits of all formats."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from serving.rejected import SHOWN, bad_request
from tabular.cells import Cells
from tabular.checked import NO_ROW, Problem
from tabular.columns import Absent, Column

MOST_ROWS = 500_000
"""The most rows of one request."""
MOST_BYTES = 256_000_000
"""The most bytes of a request's columns after they are decompressed and decoded."""

DETAILED_ROWS = 10_000
"""The most rows of a request for which up to SHOWN problems of each row are listed; beyond, its first problem."""


@dataclass(frozen=True)
class RequestRows:
    """The rows of a request."""

    count: int
    cells: Mapping[str, Cells]
    """The untyped cells of each feature, in the well-formed rows."""
    numbers: np.ndarray | None = None
    """The numbers of the well-formed rows, from 0; None if all rows are."""
    problems: tuple[Problem, ...] = ()
    """The problems of the malformed rows."""

    @cached_property
    def well_formed(self) -> np.ndarray:
        """The (n,) numbers of the well-formed rows."""
        return np.arange(self.count) if self.numbers is None else self.numbers


def require_row_count(count: int) -> None:
    """Raise Rejected if a request has no rows, or too many."""
    if not count:
        raise bad_request("Rows: expected at least one, found none")
    if count > MOST_ROWS:
        raise bad_request(f"Rows: expected at most {MOST_ROWS:,} in a request, found {count:,}. Send several requests")


def problems_per_row(count: int) -> int:
    """Return the most problems that are listed for one of `count` rows."""
    return SHOWN if count <= DETAILED_ROWS else 1


def require_bytes(size: int) -> None:
    """Raise Rejected if the decoded columns of a request are too large."""
    if size > MOST_BYTES:
        found = f"{size:,}. Send several requests"
        raise bad_request(f"Body: expected at most {MOST_BYTES:,} bytes after decoding, found {found}")


def require_columns(there: Collection[str], columns: Sequence[Column], place: str) -> None:
    """Raise Rejected if a feature has no column. `place` names the header or the schema in the message."""
    names = set(there)
    lacking = [column for column in columns if column.name not in names]
    if lacking:
        problems = list(absent(NO_ROW, lacking, names - {column.name for column in columns}))
        raise bad_request(
            f"{place}: expected a column for each feature, found none for {len(lacking)}", problems[:SHOWN]
        )


def absent(number: int, columns: Sequence[Column], others: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of each column that was not sent. `others` are the names that were, and are no features."""
    for column in columns:
        yield Problem(number, column.name, column.expected, Absent(column.name, others).shown())


def objects(values: Sequence[Any]) -> np.ndarray:
    """Return (n,) Python values as an array that keeps each of them, also lists."""
    return np.fromiter(values, dtype=object, count=len(values))
