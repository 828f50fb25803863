"""ingest: publish a source's rows as typed Parquet in S3, named by the digest of its content."""

from datetime import UTC, datetime

from config.use_case import UseCase
from tasks import locations, storage
from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.rows.intake import SHOWN_MALFORMED, Intake, described_schema
from tasks.rows.stored_rows import RowFile
from tasks.rows.typed_rows import stored_schema
from tasks.sources import fingerprint, source_of
from tasks.sources.source import Source
from tasks.steps import step


@step(cached=True, varies_with=fingerprint)
def ingest(use_case: UseCase, source: str | None = None) -> DatasetVersion:
    """Read the configured source, or the location `source`, and publish its rows as a dataset version.

    Equal rows are the same version. Malformed rows, and cells that do not fit their column's type, are kept as text:
    `validate` quarantines them. Raises SourceError when the source can't be read or lacks a column.
    """
    opened = source_of(use_case, source)
    with RowFile(stored_schema(use_case)) as rows:
        read = Intake(use_case, opened)
        read.into(rows)
        return _publish(use_case, opened, read, rows)


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
