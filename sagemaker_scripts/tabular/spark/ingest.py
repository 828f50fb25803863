"""Reads a file's ranges in parallel and digests the written rows: the rows and the digest of reading it in order."""

import codecs
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tabular.delimited import OpenFile
from tabular.formats import FormatError
from tabular.plain_blocks import PlainBlocks
from tabular.raw_batches import RESERVED
from tabular.row_digest import ColumnDigest, of_columns
from tabular.spark import objects
from tabular.spark.ingest_job import IngestJob
from tabular.spark.range_file import SPLIT_ENCODINGS
from tabular.spark.ranges import Parallel, read_ranges
from tabular.spark.read_range import Found, RangeRows


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
    ranges = _checked(read_ranges(job, found, size, parallel, may_split=may_split and _splits(job)))
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
