"""Reads a file's ranges in parallel and digests the written rows: the rows and the digest of reading it in order."""

import codecs
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tabular.delimited import OpenFile
from tabular.formats import FormatError
from tabular.plain_blocks import PlainBlocks
from tabular.raw_batches import RESERVED
from tabular.row_digest import ColumnDigest, of_columns
from tabular.spark import objects
from tabular.spark.boundaries import Counted, Cut, Marks, count, plan
from tabular.spark.ingest_job import IngestJob
from tabular.spark.range_file import SPLIT_ENCODINGS
from tabular.spark.read_range import Found, RangeRows, read_range

MOST_PLANS = 6
"""After so many plans the rest of the file is read by one task: malformed rows make every plan wrong."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Parallel(Protocol):
    """Runs a function on items, each in a task, and returns the results in order."""

    def __call__(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Raise the error of a task that fails."""


def ingest(job: IngestJob, parallel: Parallel) -> dict[str, Any]:
    """Read the file, write its rows as part files, and return their addresses, digest and counts as JSON.

    Raises FormatError when the file can't be read as a whole.
    """
    with objects.opened(job.source) as stream:
        file = OpenFile(stream, job.format)
        found = Found(file.layout, file.end)
        may_split = PlainBlocks(file.layout, job.format, file.end).possible
    _refuse_reserved(found.layout.names)
    size = objects.size(job.source)
    ranges = _read_split(job, found, size, parallel) if may_split and _splits(job) else None
    ranges = ranges if ranges is not None else _checked([read_range(job, found, Cut(0, 0), size)])
    files = [part for each in ranges for part in each.parts]
    return {
        "files": files,
        "digest": of_columns(parallel(_column_digest(job, files), _digested(job))),
        "rows": sum(each.rows for each in ranges),
        "malformed": sum(each.malformed for each in ranges),
        "first_malformed": [line for each in ranges for line in each.first_malformed][:3],
        "left_out": next((each.left_out for each in ranges if each.parts), []),
        "unread": _merged([each.unread for each in ranges]),
        "read": _merged([each.read for each in ranges]),
        "ranges": len(ranges),
    }


def _splits(job: IngestJob) -> bool:
    return codecs.lookup(job.format.encoding).name in SPLIT_ENCODINGS


def _refuse_reserved(names: Sequence[str]) -> None:
    if taken := [name for name in names if name in RESERVED.names]:
        raise FormatError(
            f"expected names of columns that VishwaOps does not use itself, found {taken[0]!r}. Rename it"
        )


def _read_split(job: IngestJob, found: Found, size: int, parallel: Parallel) -> list[RangeRows]:
    """Read ranges in parallel. Ranges after one that ended elsewhere than planned are planned and read again."""
    marks = Marks(job.format.quote.encode() if job.format.quote else None, found.end.encode())
    starts = range(0, size, job.range_bytes)
    counted: list[Counted] = parallel(
        lambda start: count(job.source, start, min(start + job.range_bytes, size), marks), starts
    )
    done, after, odd = list[RangeRows](), Cut(0, 0), False
    for number in range(MOST_PLANS):
        cuts = plan(counted, after, size, odd=odd) if number < MOST_PLANS - 1 else [after, Cut(size, 0)]
        read = parallel(lambda cut: read_range(job, found, *cut), _pairs(cuts))
        sound = _sound(read)
        done += sound
        objects.delete([part for each in read[len(sound) :] for part in each.parts])
        after, odd = done[-1].end, not odd
        if after.byte >= size:
            break
    return _checked(done)


def _pairs(cuts: Sequence[Cut]) -> list[tuple[Cut, int]]:
    return [(start, stop.byte) for start, stop in pairwise(cuts)]


def _sound(read: Sequence[RangeRows]) -> list[RangeRows]:
    """Return the ranges up to the first that ended elsewhere than where the next one begins, or that failed."""
    sound = [read[0]]
    for each in read[1:]:
        if sound[-1].error or each.start != sound[-1].end:
            return sound
        sound.append(each)
    return sound


def _checked(ranges: list[RangeRows]) -> list[RangeRows]:
    for each in ranges:
        if each.error:
            objects.delete([part for every in ranges for part in every.parts])
            raise FormatError(each.error)
    return ranges


def _digested(job: IngestJob) -> list[str]:
    return [name for name in job.schema.names if name not in job.not_digested]


def _column_digest(job: IngestJob, files: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what digests one column of all files, in their order. The columns' digests do not depend on each other."""

    def digest(name: str) -> list[str]:
        column = pa.field(name, job.schema.field(name).type)
        found = ColumnDigest(column)
        for file in files:
            for values in _values(file, name):
                found.update(column, values.cast(column.type))
        return found.parts()

    return digest


def _values(file: str, name: str) -> Iterable[pa.Array]:
    with objects.seekable(file) as content:
        for batch in pq.ParquetFile(content).iter_batches(columns=[name]):
            yield batch.column(0)


def _merged(each: Sequence[dict[str, list[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for texts in each:
        for name, more in texts.items():
            found.setdefault(name, []).extend(more)
    return found
