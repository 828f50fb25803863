"""Reads a source as typed rows, corrects them, digests them and counts them."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tabular.plain_columns import PlainColumns
from tasks import digests
from tasks.model_contract import FILE, LINE, MALFORMED
from tasks.progress import RowProgress
from tasks.rows.corrections import Corrections
from tasks.rows.read_ahead import read_ahead
from tasks.rows.typed_rows import TypedRows, stored_schema
from tasks.sources.source import Converting, Source, headers_of

SHOWN_MALFORMED = 3
LARGE_ALLOCATION = 16 << 20
"""Bytes: more than those of any block of a file."""
NOT_DIGESTED = (FILE, LINE)
"""The columns that are not part of a dataset version's digest: equal rows of two files are equal."""


class Sink(Protocol):
    """What batches are written to."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch."""


class Intake:
    """A source's rows as a use case's types. The source is read in another thread."""

    def __init__(self, use_case: UseCase, source: Source, corrections: Corrections | None = None) -> None:
        self._use_case, self._source, self._corrections = use_case, source, corrections or Corrections()
        self.schema = stored_schema(use_case)
        """Of the batches."""
        self.left_out: list[str] = []
        """The headers of the source's columns that the use case does not list."""
        self.rows = 0
        """The number of well-formed rows."""
        self.malformed = 0
        self.first_malformed: list[str] = []
        self.digest = ""

    def into(self, sink: Sink) -> None:
        """Write every batch. Raises SourceError."""
        with closing(self.batches()) as batches:
            for batch in batches:
                sink.write(batch)

    def batches(self) -> Generator[pa.RecordBatch, None, None]:
        """Yield the typed rows, in order, once. Raises SourceError."""
        _keep_freed_memory()
        typing = TypedRows(self._use_case, self._source.describe(), self._source.format)
        rows = digests.RowDigest(pa.schema([field for field in self.schema if field.name not in NOT_DIGESTED]))
        progress = RowProgress("ingest")
        with closing(read_ahead(_batches(self._source, typing.plain))) as found:
            for raw in found:
                batch = self._corrections.apply(typing.typed(raw), self.rows + self.malformed)
                rows.update(batch.drop_columns(list(NOT_DIGESTED)))
                self._count(raw, batch)
                progress.report(self.rows + self.malformed)
                yield batch
        typing.readings.refuse(self.rows)
        self.digest = dataset_digest(rows.hexdigest(), described_schema(self._use_case))

    def _count(self, raw: pa.RecordBatch, batch: pa.RecordBatch) -> None:
        self.left_out = sorted({*headers_of(raw.schema)} - {*self._use_case.headers.values()})
        malformed = len(batch) - batch[MALFORMED].null_count
        self.rows += len(batch) - malformed
        if malformed and len(self.first_malformed) < SHOWN_MALFORMED:
            first = batch.filter(pc.is_valid(batch[MALFORMED])).select([LINE, MALFORMED]).slice(0, SHOWN_MALFORMED)
            self.first_malformed += [f"line {row[LINE]}: {row[MALFORMED]}" for row in first.to_pylist()]
        self.malformed += malformed


def _keep_freed_memory() -> None:
    """Let the C library keep the memory of freed blocks, which the next block uses: mapping it again costs more.

    To free an allocation of n bytes makes glibc keep 2 n bytes (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD).
    """
    bytes(LARGE_ALLOCATION)


def _batches(source: Source, plain: PlainColumns) -> Iterator[pa.RecordBatch]:
    return source.converted(plain) if isinstance(source, Converting) else source.batches()


def described_schema(use_case: UseCase) -> dict[str, Any]:
    """Return the use case's columns as JSON."""
    return {name: column.described() for name, column in use_case.columns.items()}


def dataset_digest(rows: str, schema: Mapping[str, Any]) -> str:
    """Return the digest of a dataset: of its rows, including malformed ones, and its schema."""
    return digests.of_json([rows, schema])
