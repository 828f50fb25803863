"""Reads a source's rows by a Spark job, which writes their part files: the rows and the digest of `Intake`."""

from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.spark.ingest_job import IngestJob, PartSettings
from tasks import spark_jobs, storage
from tasks.landing.part_files import COMPRESSION, PART_GROUPS, group_rows
from tasks.model_contract import columns, with_marks
from tasks.rows.intake import NOT_DIGESTED, dataset_digest, described_schema
from tasks.rows.other_readings import OtherReadings
from tasks.rows.typed_rows import stored_schema
from tasks.sources.location import Location
from tasks.sources.source import Source

RANGE_BYTES = 64 << 20
"""The bytes of a file that one task reads."""


class SparkParts:
    """Part files that a job has written. Leaving it before `finished` deletes them."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._finished = False

    def finished(self) -> list[str]:
        """Return the addresses of all parts, in order."""
        self._finished = True
        return self.files

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            storage.delete(self.files)


class SparkIntake:
    """What `Intake` is for one machine."""

    def __init__(self, use_case: UseCase, source: Source, folder: str, schema: pa.Schema) -> None:
        """Raises SourceError when the source is not a file in S3."""
        self._use_case, self._source = use_case, source
        self._job = _job(use_case, _in_s3(use_case, source), folder, schema)
        self.schema = stored_schema(use_case)
        self.rows = self.malformed = 0
        self.left_out: list[str] = []
        self.first_malformed: list[str] = []
        self.digest = ""

    def into(self, parts: SparkParts) -> None:
        """Run the job. Raises SourceError when it can't read the source, and the errors of `run_spark_job`."""
        found = spark_jobs.run_spark_job(self._use_case, "ingest", self._job.json())
        if "error" in found:
            raise SourceError(f"{self._source.describe()}: {found['error']}")
        parts.files += found["files"]
        self._take(found)

    def _take(self, found: dict[str, Any]) -> None:
        self.rows, self.malformed = found["rows"], found["malformed"]
        self.left_out, self.first_malformed = found["left_out"], found["first_malformed"]
        readings = OtherReadings(self._use_case, self._source.describe())
        readings.merge(found["unread"], found["read"])
        readings.refuse(self.rows)
        self.digest = dataset_digest(found["digest"], described_schema(self._use_case))


def _in_s3(use_case: UseCase, source: Source) -> Location:
    if isinstance(source, Location) and source.address.startswith("s3://"):
        return source
    raise SourceError(
        f"{source.describe()}: expected an address in S3, which the tasks of `engine: spark` read in parallel, found "
        f"another place. Copy the file to S3, or write `engine: local` in {use_case.name}"
    )


def _job(use_case: UseCase, source: Location, folder: str, schema: pa.Schema) -> IngestJob:
    return IngestJob(
        source=source.address,
        format=source.format,
        columns=with_marks(columns(use_case), source.format),
        headers=use_case.headers,
        schema=schema,
        not_digested=NOT_DIGESTED,
        folder=folder,
        range_bytes=RANGE_BYTES,
        parts=PartSettings(group_rows(len(schema)), PART_GROUPS, COMPRESSION),
    )
