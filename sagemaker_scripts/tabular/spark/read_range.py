"""Reads one range of a delimited file, converts its rows to the columns' types and writes them: one task of Spark."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tabular.delimited import OpenFile
from tabular.delimited_batches import BATCH_ROWS, Reader
from tabular.formats import FormatError
from tabular.layouts import Layout
from tabular.raw_batches import headers_of, of_delimited
from tabular.sampled_texts import SampledTexts
from tabular.spark import objects
from tabular.spark.boundaries import Cut
from tabular.spark.ingest_job import IngestJob
from tabular.spark.parts import Parts
from tabular.spark.range_file import RangeFile
from tabular.stored_columns import LINE, MALFORMED
from tabular.typed_batches import TypedBatches

SHOWN_MALFORMED = 3


@dataclass(frozen=True)
class Found:
    """What a file's head shows."""

    layout: Layout
    end: str
    """The line end character."""


@dataclass
class RangeRows:
    """What a task has read and written."""

    start: Cut
    end: Cut
    """Where the last row really ended."""
    parts: list[str] = field(default_factory=list)
    rows: int = 0
    """Well-formed rows."""
    malformed: int = 0
    first_malformed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    read: dict[str, list[str]] = field(default_factory=dict)
    """As in `SampledTexts`."""
    error: str = ""
    """Why the file can't be read."""

    def count(self, raw: pa.RecordBatch, batch: pa.RecordBatch, headers: set[str]) -> None:
        """Count the rows of a batch."""
        self.left_out = sorted({*headers_of(raw.schema)} - headers)
        malformed = len(batch) - batch[MALFORMED].null_count
        self.rows += len(batch) - malformed
        self.malformed += malformed
        if malformed and len(self.first_malformed) < SHOWN_MALFORMED:
            first = batch.filter(pc.is_valid(batch[MALFORMED])).select([LINE, MALFORMED]).slice(0, SHOWN_MALFORMED)
            self.first_malformed += [f"line {row[LINE]}: {row[MALFORMED]}" for row in first.to_pylist()]


def read_range(job: IngestJob, found: Found, start: Cut, stop: int) -> RangeRows:
    """Read the rows that begin from `start` to the byte before `stop`, and write them as part files."""
    with objects.opened(job.source, start.byte) as stream:
        file = RangeFile(stream, job.format, found.layout, found.end, start, stop)
        reader = Reader(file, start.lines - found.layout.start if start.byte else 0)
        read = _written(job, RangeRows(start, start), reader)
        read.end = Cut(file.position, reader.lines)
    return read


def read_whole(job: IngestJob, size: int) -> RangeRows:
    """Read a file that can't be cut, of `size` bytes."""
    with objects.opened(job.source) as stream:
        reader = Reader(OpenFile(stream, job.format))
        read = _written(job, RangeRows(Cut(0, 0), Cut(0, 0)), reader)
        read.end = Cut(size, reader.lines)
    return read


def _written(job: IngestJob, read: RangeRows, reader: Reader) -> RangeRows:
    try:
        _write(job, read, _batches(reader))
    except FormatError as error:
        read.error = str(error)
    return read


def _batches(reader: Reader) -> Iterator[pa.RecordBatch]:
    for batch in reader.batches(BATCH_ROWS):
        for part in batch.parts(BATCH_ROWS):
            if len(part):
                yield of_delimited(part)


def _write(job: IngestJob, read: RangeRows, batches: Iterator[pa.RecordBatch]) -> None:
    typing = TypedBatches(job.columns, job.headers, job.schema)
    texts = SampledTexts({name: column.type for name, column in job.columns.items()})
    headers = {*job.headers.values()}
    with Parts(f"{job.folder}/part-{read.start.byte:015d}", job.schema, job.parts) as parts:
        for raw in batches:
            batch = typing.typed(raw, texts.add)
            read.count(raw, batch, headers)
            parts.write(batch)
    read.parts = parts.written
    read.unread = {name: found for name, found in texts.unread.items() if found}
    read.read = {name: found.texts for name, found in texts.read.items() if found.texts}
