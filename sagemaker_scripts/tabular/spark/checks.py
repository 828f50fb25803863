"""Checks typed rows by Spark, and writes the good rows, those without a target, and those to show.

Spark's SQL finds the rows that fail each rule, keys and duplicates by its shuffles. Then each part file is read again
and separated by the numbers of its rows, so that their order stays.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.columns import Column
from tabular.derived import Derived, resolve
from tabular.expressions import Expression, parse
from tabular.spark import objects
from tabular.spark.ingest_job import PartSettings, column_of
from tabular.spark.parts import Parts
from tabular.spark.session import SparkTasks
from tabular.stored_columns import MALFORMED

ROW, FAILED = "row", "failed_expressions"
SHOWN = 3
"""Rows to show of each rule of severity `warn`."""
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.caseSensitive": "true",
}


@dataclass(frozen=True)
class PartFile:
    """A part file of the dataset version."""

    uri: str
    first: int
    """The number of its first row."""
    rows: int


@dataclass(frozen=True)
class CheckJob:
    """What to check."""

    files: tuple[PartFile, ...]
    schema: pa.Schema
    """Of the stored rows."""
    columns: Mapping[str, Column]
    derived: tuple[Derived, ...]
    plan: Mapping[str, Any]
    """As `tasks.rows.spark_plan` describes it."""
    folder: str
    parts: PartSettings

    @classmethod
    def of(cls, text: str) -> "CheckJob":
        """Return the job of a text."""
        found: dict[str, Any] = json.loads(text)
        columns = [column_of(each) for each in found["columns"]]
        return cls(
            files=tuple(PartFile(**each) for each in found["files"]),
            schema=pa.ipc.read_schema(pa.py_buffer(base64.b64decode(found["schema"]))),
            columns={column.name: column for column in columns},
            derived=tuple(Derived(**each) for each in found["derived"]),
            plan=found["plan"],
            folder=found["folder"],
            parts=PartSettings(**found["parts"]),
        )

    def expressions(self) -> dict[int, Expression]:
        """Return the rules of rows, by number."""
        fields = resolve(self.columns.values(), {each.name: each for each in self.derived}).fields
        return {number: parse(text, fields, "boolean") for number, text in self.plan["expressions"]}


def check(job: CheckJob, parallel: SparkTasks, output: Path) -> dict[str, Any]:
    """Run the checks, and return counts and addresses as JSON.

    Writes failed.parquet (row, rule) and duplicates.parquet (row, first_row) of the shown rows to the folder `output`.
    """
    session = parallel.session
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    _read(job, session)
    found = _Findings(job, session)
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
    written = parallel(_separator(job), [(file, _within(file, chosen)) for file in job.files])
    return {
        "failures": counts,
        "duplicates": found.duplicates,
        "rows": sum(file.rows for file in job.files),
        **{name: [part for each in written for part in each[name]] for name in chosen},
    }


def _read(job: CheckJob, session: Any) -> None:
    """Create the view `stored_rows`: the rows of all part files, with their numbers."""
    from pyspark.sql.pandas.types import from_arrow_schema

    plain = pa.schema([pa.field(field.name, field.type) for field in job.schema])
    schema = pa.schema([pa.field(ROW, pa.int64()), *plain, pa.field(FAILED, pa.list_(pa.int32()))])
    files = [(file.uri, file.first) for file in job.files]
    rows = session.createDataFrame(files, "uri string, first bigint").repartition(max(len(files), 1))

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        expressions = job.expressions()
        for batch in batches:
            for uri, first in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                for found in _numbered(uri, first):
                    yield _with_failures(found, expressions, schema)

    stored = rows.mapInArrow(read, from_arrow_schema(schema, prefer_timestamp_ntz=True)).persist()
    stored.createOrReplaceTempView("stored_rows")


def _numbered(uri: str, first: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part file, each with its number."""
    with objects.seekable(uri) as content:
        for batch in pq.ParquetFile(content).iter_batches():
            numbers = pa.array(np.arange(first, first + len(batch)))
            first += len(batch)
            yield pa.RecordBatch.from_arrays([numbers, *batch.columns], names=[ROW, *batch.schema.names])


def _with_failures(rows: pa.RecordBatch, expressions: Mapping[int, Expression], schema: pa.Schema) -> pa.RecordBatch:
    """Add the numbers of the rules of rows that each row fails."""
    pairs = [np.zeros((0, 2), "int64")]
    for rule, expression in expressions.items():
        values = expression.evaluate({name: rows.column(name) for name in expression.names}, len(rows))
        places = np.flatnonzero(~values.null & ~values.data.astype(bool))
        pairs.append(np.column_stack([places, np.full(len(places), rule)]))
    failed = np.concatenate(pairs)
    failed = failed[np.argsort(failed[:, 0], kind="stable")]
    ends = np.searchsorted(failed[:, 0], np.arange(len(rows) + 1)).astype("int32")
    lists = pa.ListArray.from_arrays(pa.array(ends), pa.array(failed[:, 1], pa.int32()))
    cells = [rows.column(field.name).cast(field.type) for field in list(schema)[:-1]]
    return pa.RecordBatch.from_arrays([*cells, lists], schema=schema)


class _Findings:
    """Finds the rows that fail each rule."""

    def __init__(self, job: CheckJob, session: Any) -> None:
        self._plan, self._session = job.plan, session
        self._compared = "sound_rows"
        """The view of the rows that are compared with each other."""
        self.duplicates = 0
        """The number of rows that equal an earlier row."""

    def run(self) -> tuple[list[tuple[int, int]], dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return the failures by rule, and the columns of the failures, verdicts and duplicates, by row."""
        sql, keeps = self._session.sql, self._plan["duplicates"]["action"] == "keep"
        self._view("sound_rows", f"SELECT * FROM stored_rows WHERE {MALFORMED} IS NULL")
        self._view("failed_rules", self._of_each_row(), persist=True)
        if keeps:
            self._count_duplicates()
            duplicates = _columns([], ["row", "first_row"])
        else:
            duplicates = self._find_duplicates()
            left = "SELECT row FROM duplicates"
            self._view("unrepeated_rows", f"SELECT * FROM sound_rows LEFT ANTI JOIN ({left}) USING (row)")
            self._compared = "unrepeated_rows"
        every = "SELECT * FROM failed_rules" + "".join(f" UNION ALL {each}" for each in self._among_rows())
        self._view("all_failed", every, persist=True)
        counts = sql("SELECT rule, count(*) AS n FROM all_failed GROUP BY rule").collect()
        return (
            sorted((int(each["rule"]), int(each["n"])) for each in counts),
            self._sorted("SELECT row, rule FROM all_failed", ["row", "rule"]),
            self._sorted(self._verdicts(), ["row", "bad"]),
            duplicates,
        )

    def _of_each_row(self) -> str:
        rules = [f"CASE WHEN {predicate} THEN {rule} END" for rule, predicate in self._plan["predicates"]]
        found = f"SELECT row, explode(array_compact(array({', '.join(rules)}))) AS rule FROM stored_rows"
        listed = f"SELECT row, explode({FAILED}) AS rule FROM stored_rows WHERE {MALFORMED} IS NULL"
        return f"{found} UNION ALL {listed}"

    def _among_rows(self) -> Iterator[str]:
        """Yield queries of the rows whose values another row has too."""
        for each in self._plan["repeats"]:
            names = _names(each["columns"])
            there = " AND ".join(f"{_name(name)} IS NOT NULL" for name in each["columns"])
            counted = f"SELECT *, count(*) OVER (PARTITION BY {names}) AS times FROM {self._compared} WHERE {there}"
            yield f"SELECT row, {each['rule']} AS rule FROM ({counted}) WHERE times > 1 AND NOT ({each['unless']})"
        if "rule" in self._plan["duplicates"]:
            yield f"SELECT row, {self._plan['duplicates']['rule']} AS rule FROM duplicates"

    def _count_duplicates(self) -> None:
        values = _names(self._plan["duplicates"]["columns"])
        found = self._session.sql(f"SELECT count(*) - count(DISTINCT struct({values})) AS n FROM sound_rows")
        self.duplicates = int(found.first()["n"])

    def _find_duplicates(self) -> dict[str, Any]:
        blocking = ", ".join(map(str, self._plan["duplicates"]["blocking"])) or "-1"
        failed = f"SELECT row FROM failed_rules WHERE rule IN ({blocking})"
        values = _names(self._plan["duplicates"]["columns"])
        rows = f"SELECT * FROM sound_rows LEFT ANTI JOIN ({failed}) USING (row)"
        first = f"SELECT row, min(row) OVER (PARTITION BY {values}) AS first_row FROM ({rows})"
        self._view("duplicates", f"SELECT row, first_row FROM ({first}) WHERE row > first_row", persist=True)
        found = self._sorted("SELECT * FROM duplicates", ["row", "first_row"])
        self.duplicates = len(found["row"])
        return found

    def _verdicts(self) -> str:
        blocking = ", ".join(map(str, self._plan["blocking"])) or "-1"
        either = ", ".join(map(str, [*self._plan["blocking"], *self._plan["excused"]])) or "-1"
        bad = f"max(CASE WHEN rule IN ({blocking}) THEN 1 ELSE 0 END) AS bad"
        return f"SELECT row, {bad} FROM all_failed WHERE rule IN ({either}) GROUP BY row"

    def _view(self, name: str, query: str, *, persist: bool = False) -> None:
        found = self._session.sql(query)
        (found.persist() if persist else found).createOrReplaceTempView(name)

    def _sorted(self, query: str, names: list[str]) -> dict[str, Any]:
        return _columns(self._session.sql(f"{query} ORDER BY {', '.join(names)}").toPandas(), names)


def _columns(frame: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: np.asarray(frame[name] if len(frame) else [], dtype="int64") for name in names}


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(_name, names))


def _examples(failed: Mapping[str, np.ndarray], rules: Sequence[int]) -> np.ndarray:
    """Return the first rows that fail each of the rules."""
    first = [np.unique(failed["row"][failed["rule"] == rule])[:SHOWN] for rule in rules]
    return np.concatenate([np.zeros(0, "int64"), *first])


def _write_table(path: Path, columns: Mapping[str, np.ndarray], which: np.ndarray) -> None:
    pq.write_table(pa.table({name: values[which] for name, values in columns.items()}), path)


def _within(file: PartFile, chosen: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the chosen numbers that are in a file."""
    limits = {name: np.searchsorted(rows, [file.first, file.first + file.rows]) for name, rows in chosen.items()}
    return {name: chosen[name][first:last] for name, (first, last) in limits.items()}


def _separator(job: CheckJob) -> Any:
    """Return what writes the rows of one part file in three kinds of part files. `kept` has all but the chosen rows."""
    own = pa.schema([job.schema.field(name) for name in job.columns])
    shown = pa.schema([pa.field(ROW, pa.int64()), *job.schema])

    def separate(item: tuple[PartFile, Mapping[str, np.ndarray]]) -> dict[str, list[str]]:
        file, chosen = item
        schemas = {"kept": own, "without_target": own, "shown": shown}
        parts = {
            name: Parts(f"{job.folder}/{name}-{file.first:015d}", schema, job.parts) for name, schema in schemas.items()
        }
        for batch in _numbered(file.uri, file.first):
            numbers = batch.column(ROW).to_numpy()
            for name, schema in schemas.items():
                mask = np.isin(numbers, chosen[name])
                rows = batch.filter(pa.array(~mask if name == "kept" else mask))
                cells = [rows.column(field.name).cast(field.type) for field in schema]
                parts[name].write(pa.RecordBatch.from_arrays(cells, schema=schema))
        return {name: each.finished() for name, each in parts.items()}

    return separate
