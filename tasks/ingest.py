"""ingest: publish a source's rows as typed Parquet in S3, named by the digest of its content."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.model_contract import FILE, LINE, MALFORMED
from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.rows.stored_rows import RowFile
from tasks.rows.typed_rows import TypedRows, stored_schema
from tasks.sources import fingerprint, source_of
from tasks.sources.source import Source, headers_of
from tasks.steps import step

SHOWN_MALFORMED = 3
NOT_DIGESTED = (FILE, LINE)
"""The columns that are not part of a dataset version's digest: equal rows of two files are equal."""


@step(cached=True, varies_with=fingerprint)
def ingest(use_case: UseCase, source: str | None = None) -> DatasetVersion:
    """Read the configured source, or the location `source`, and publish its rows as a dataset version.

    Equal rows are the same version. Malformed rows, and cells that do not fit their column's type, are kept as text:
    `validate` quarantines them. Raises SourceError when the source can't be read or lacks a column.
    """
    opened = source_of(use_case, source)
    with RowFile(stored_schema(use_case)) as rows:
        read = Intake(use_case, opened)
        read.all_into(rows)
        return _publish(use_case, opened, read, rows)


class Intake:
    """Reads a source into a file of typed rows, and counts the rows."""

    def __init__(self, use_case: UseCase, source: Source) -> None:
        self._use_case, self._source = use_case, source
        self.left_out: list[str] = []
        """The headers of the source's columns that the use case does not list."""
        self.rows = 0
        """The number of well-formed rows."""
        self.malformed = 0
        self.first_malformed: list[str] = []
        self.digest = ""

    def all_into(self, file: RowFile) -> None:
        """Convert every batch to the column types and write it. Raises SourceError."""
        typing = TypedRows(self._use_case, self._source.describe(), self._source.format)
        rows = digests.RowDigest(pa.schema([field for field in file.schema if field.name not in NOT_DIGESTED]))
        for raw in self._source.batches():
            batch = typing.typed(raw)
            rows.update(batch.drop_columns(list(NOT_DIGESTED)))
            file.write(batch)
            self._count(raw, batch)
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


def described_schema(use_case: UseCase) -> dict[str, Any]:
    """Return the use case's columns as JSON."""
    return {name: column.described() for name, column in use_case.columns.items()}


def dataset_digest(rows: str, schema: Mapping[str, Any]) -> str:
    """Return the digest of a dataset: of its rows, including malformed ones, and its schema."""
    return digests.of_json([rows, schema])


def _publish(use_case: UseCase, source: Source, read: Intake, rows: RowFile) -> DatasetVersion:
    folder = locations.dataset(use_case.name, read.digest)
    manifest = storage.publish(
        folder,
        {"data.parquet": rows.finished()},
        {
            "use_case": use_case.name,
            "digest": read.digest,
            "source": source.describe(),
            "rows": read.rows,
            "malformed": read.malformed,
            "schema": described_schema(use_case),
            "columns_left_out": read.left_out,
            "ingested_at": datetime.now(UTC),
        },
    )
    log.info("ingest    %s rows from %s, version %s", f"{read.rows:,}", source.describe(), read.digest)
    if read.malformed:
        shown = "; ".join(read.first_malformed[:SHOWN_MALFORMED])
        log.info("          %s rows are malformed: %s", f"{read.malformed:,}", shown)
    return DatasetVersion(
        use_case=use_case.name,
        digest=read.digest,
        source=manifest["source"],
        uri=f"{folder}/data.parquet",
        manifest_uri=f"{folder}/{locations.MANIFEST}",
        rows=read.rows,
        malformed=read.malformed,
    )
