"""Checks typed rows by Spark, and writes the good rows, those without a target, and those to show.

Spark's SQL finds the rows that fail each rule, keys and duplicates by its shuffles. Then each part file is read again
and separated by the numbers of its rows, so that their order stays.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.spark.check_job import CheckJob
from tabular.spark.findings import Columns, Findings
from tabular.spark.part_rows import numbered_schema, reader, separator, within
from tabular.spark.session import SparkTasks

SHOWN = 3
"""Rows to show of each rule of severity `warn`."""
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.caseSensitive": "true",
}


def check(job: CheckJob, parallel: SparkTasks, output: Path) -> dict[str, Any]:
    """Run the checks, and return counts and addresses as JSON.

    Writes failed.parquet (row, rule) and duplicates.parquet (row, first_row) of the shown rows to the folder `output`.
    """
    session = parallel.session
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    _read(job, session)
    found = Findings(job.plan, session)
    counts, failed, verdicts, duplicates = found.run()
    dropped = job.plan["duplicates"]["action"] == "drop"
    repeated = duplicates["row"] if dropped else np.zeros(0, "int64")
    bad, lacking = verdicts["row"][verdicts["bad"] == 1], verdicts["row"][verdicts["bad"] == 0]
    chosen = {
        "kept": np.union1d(verdicts["row"], repeated),
        "without_target": np.setdiff1d(lacking, repeated),
        "shown": np.union1d(bad, _examples(failed, job.plan["warned"])),
    }
    shown = chosen["shown"]
    _write_table(output / "failed.parquet", failed, np.isin(failed["row"], shown))
    _write_table(output / "duplicates.parquet", duplicates, np.isin(duplicates["row"], shown))
    written = parallel(separator(job), [(file, within(file, chosen)) for file in job.files])
    return {
        "failures": counts,
        "duplicates": found.duplicates,
        "rows": sum(file.rows for file in job.files),
        **{name: [part for each in written for part in each[name]] for name in chosen},
    }


def _read(job: CheckJob, session: Any) -> None:
    """Create the view `stored_rows`: the rows of all part files, with their numbers."""
    from pyspark.sql.pandas.types import from_arrow_schema

    files = [(file.uri, file.first) for file in job.files]
    rows = session.createDataFrame(files, "uri string, first bigint").repartition(max(len(files), 1))
    schema = from_arrow_schema(numbered_schema(job.schema), prefer_timestamp_ntz=True)
    rows.mapInArrow(reader(job), schema).persist().createOrReplaceTempView("stored_rows")


def _examples(failed: Columns, rules: Sequence[int]) -> np.ndarray:
    """Return the first rows that fail each of the rules."""
    first = [np.unique(failed["row"][failed["rule"] == rule])[:SHOWN] for rule in rules]
    return np.concatenate([np.zeros(0, "int64"), *first])


def _write_table(path: Path, columns: Columns, which: np.ndarray) -> None:
    pq.write_table(pa.table({name: values[which] for name, values in columns.items()}), path)
