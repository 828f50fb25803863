"""Reads the ranges of a delimited file in parallel: each row once, as if the file were read in order.

Where a range ends is where its reader found the beginning of a row. A range is used only if it begins exactly where the
one before it ended, from the beginning of the file on. So a wrong plan costs time, and never changes a row.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from tabular.spark import objects
from tabular.spark.boundaries import Counted, Cut, Marks, count, plan
from tabular.spark.ingest_job import IngestJob
from tabular.spark.read_range import Found, RangeRows, read_range, read_whole

MOST_REPAIRS = 20
"""After so many ranges that no plan has, the rest of the file is read by one task."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Parallel(Protocol):
    """Runs a function on items, each in a task, and returns the results in order."""

    def __call__(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Raise the error of a task that fails."""


def read_ranges(job: IngestJob, found: Found, size: int, parallel: Parallel, *, may_split: bool) -> list[RangeRows]:
    """Read and write all rows of a file of `size` bytes. Returns its ranges in order, up to one that has an error."""
    if not may_split:
        return parallel(lambda whole: read_whole(job, whole), [size])
    marks = Marks(job.format.quote.encode() if job.format.quote else None, found.end.encode())
    starts = range(0, size, job.range_bytes)
    counted: list[Counted] = parallel(
        lambda start: count(job.source, start, min(start + job.range_bytes, size), marks), starts
    )
    return _Chain(job, found, size, parallel).read(counted)


class _Chain:
    """The ranges that were read, by their first byte."""

    def __init__(self, job: IngestJob, found: Found, size: int, parallel: Parallel) -> None:
        self._job, self._found, self._size, self._parallel = job, found, size, parallel
        self._read: dict[int, RangeRows] = {}

    def read(self, counted: Sequence[Counted]) -> list[RangeRows]:
        """Read by the plan; where it is wrong by the plan after a stray quote; else single ranges."""
        self._add([Cut(0, 0), *plan(counted, self._size, odd=False)])
        chain = self._follow()
        for repair in range(MOST_REPAIRS + 1):
            end = chain[-1].end
            if chain[-1].error or end.byte >= self._size:
                break
            others = [] if repair else [cut for cut in plan(counted, self._size, odd=True) if cut.byte > end.byte]
            self._add([end, *others], to_end=repair == MOST_REPAIRS)
            chain = self._follow()
        self._delete_others(chain)
        return chain

    def _add(self, cuts: Sequence[Cut], *, to_end: bool = False) -> None:
        job, found, size = self._job, self._found, self._size
        items = [(cut, size if to_end else self._stop(cut)) for cut in cuts if cut.byte not in self._read]
        for rows in self._parallel(lambda item: read_range(job, found, *item), items):
            self._read[rows.start.byte] = rows

    def _stop(self, cut: Cut) -> int:
        return min((cut.byte // self._job.range_bytes + 1) * self._job.range_bytes, self._size)

    def _follow(self) -> list[RangeRows]:
        """Return the ranges from the beginning of the file on, each of which begins where the one before it ended."""
        chain = [self._read[0]]
        while not chain[-1].error and (after := self._read.get(chain[-1].end.byte)) and after.start == chain[-1].end:
            chain.append(after)
        return chain

    def _delete_others(self, chain: Sequence[RangeRows]) -> None:
        used = {rows.start.byte for rows in chain}
        objects.delete([part for start, rows in self._read.items() if start not in used for part in rows.parts])
