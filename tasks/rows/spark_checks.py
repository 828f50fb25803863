"""Checks a dataset version by a Spark job, and separates its rows. The job finds them; reasons are written here."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tabular.spark.ingest_job import PartSettings, column_described
from tasks import locations, names, spark_jobs, storage
from tasks.model_contract import columns
from tasks.rows import sql_rules
from tasks.rows.checking import Checked
from tasks.rows.duplicates import DUPLICATES
from tasks.rows.quarantine import Quarantine
from tasks.rows.row_database import FAILED, ROW, RowDatabase
from tasks.rows.separation import BAD, Separated, require_all
from tasks.rows.spark_plan import plan
from tasks.rows.suites import Suite

KINDS = ("kept", "without_target", "shown")
ROW_GROUP = 100_000


def check_by_spark(
    use_case: UseCase, suite: Suite, files: Sequence[tuple[str, int]], schema: pa.Schema, folder: Path, batch_rows: int
) -> tuple[RowDatabase, Checked, Separated]:
    """Check the rows of part files, each with its number of rows, and write the rows of each kind to `folder`.

    Returns a database of the bad rows only, which the caller closes. Raises ConfigError for checks that Spark can't
    run, and the errors of `run_spark_job`.
    """
    planned = plan(use_case, suite)
    place = f"{locations.spark_job(use_case.name, names.stamp())}/rows"
    found, results = spark_jobs.run_spark_job_with_files(
        use_case, "validate", _job(use_case, planned.described(), files, schema, place), folder
    )
    try:
        own = pa.schema([schema.field(name) for name in use_case.columns])
        kept, lacking = (_joined(found[kind], own, folder / f"{name}.parquet") for kind, name in _FILES.items())
        shown = _downloaded(found["shown"], folder)
        database = RowDatabase.of_shown(shown, schema, folder, found["rows"])
        return (
            database,
            planned.checked,
            _separated(use_case, database, planned.checked, found, results, kept, lacking, batch_rows),
        )
    finally:
        storage.delete([uri for kind in KINDS for uri in found[kind]])


_FILES = {"kept": "rows", "without_target": "without_target"}


def _job(
    use_case: UseCase, planned: dict[str, Any], files: Sequence[tuple[str, int]], schema: pa.Schema, place: str
) -> str:
    numbered, first = [], 0
    for uri, rows in files:
        numbered.append({"uri": uri, "first": first, "rows": rows})
        first += rows
    return json.dumps(
        {
            "files": numbered,
            "schema": base64.b64encode(schema.remove_metadata().serialize().to_pybytes()).decode(),
            "columns": [column_described(column) for column in columns(use_case).values()],
            "derived": [asdict(each) for each in use_case.derived_columns.values()],
            "plan": planned,
            "folder": place,
            "parts": asdict(PartSettings(ROW_GROUP, 10, "zstd")),
        }
    )


def _joined(uris: Sequence[str], schema: pa.Schema, path: Path) -> Path:
    """Write the rows of part files, in order, as one file."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for uri in uris:
            with storage.opened(uri) as file:
                for batch in pq.ParquetFile(file).iter_batches(ROW_GROUP):
                    writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema), ROW_GROUP)
    return path


def _downloaded(uris: Sequence[str], folder: Path) -> list[Path]:
    paths = [folder / f"shown-{number:05d}.parquet" for number in range(len(uris))]
    for uri, path in zip(uris, paths, strict=True):
        storage.download(uri, path)
    return paths


def _separated(
    use_case: UseCase,
    database: RowDatabase,
    checked: Checked,
    found: dict[str, Any],
    results: dict[str, Path],
    kept: Path,
    lacking: Path,
    batch_rows: int,
) -> Separated:
    checked.duplicates, checked.failures = found["duplicates"], dict(found["failures"])
    failed, duplicates = (sql_rules.literal(str(results[name])) for name in ("failed.parquet", "duplicates.parquet"))
    database.connection.execute(f"INSERT INTO {FAILED} SELECT {ROW}, rule FROM read_parquet({failed})")
    database.connection.execute(f"CREATE TABLE {DUPLICATES} AS SELECT * FROM read_parquet({duplicates})")
    verdicts = sql_rules.verdicts(checked.blocking, checked.excused, FAILED, ROW)
    database.mark(BAD, f"SELECT {ROW} FROM ({verdicts}) WHERE bad = 1")
    quarantine, bad = (
        Quarantine(checked.rules, columns(use_case), database.schema),
        database.folder / "quarantine.parquet",
    )
    quarantine.write(database, BAD, batch_rows, bad)
    dropped = checked.duplicates if use_case.quality.duplicates.action == "drop" else 0
    separated = Separated(kept, lacking, bad, found["rows"], dropped, quarantine)
    require_all(use_case, separated)
    return separated
