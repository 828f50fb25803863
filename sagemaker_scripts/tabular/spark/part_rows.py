"""Reads and separates the rows of part files: what the tasks of a validation do."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.expressions import Expression
from tabular.spark import objects
from tabular.spark.check_job import CheckJob, PartFile
from tabular.spark.parts import Parts

ROW, FAILED = "row", "failed_expressions"
"""The number of a row in its dataset, from 0, and the numbers of the rules of rows that it fails."""
Chosen = Mapping[str, np.ndarray]
"""Ascending numbers of rows, by kind."""


def numbered_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of stored rows with their numbers and failures."""
    plain = [pa.field(field.name, field.type) for field in schema]
    return pa.schema([pa.field(ROW, pa.int64()), *plain, pa.field(FAILED, pa.list_(pa.int32()))])


def reader(job: CheckJob) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what reads batches of part files (their addresses and first rows) as batches of `numbered_schema`."""
    schema = numbered_schema(job.schema)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        expressions = job.expressions()
        for batch in batches:
            for uri, first in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                for rows in _numbered(uri, first):
                    yield _with_failures(rows, expressions, schema)

    return read


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


def within(file: PartFile, chosen: Chosen) -> Chosen:
    """Return the chosen numbers that are in a file."""
    limits = {name: np.searchsorted(rows, [file.first, file.first + file.rows]) for name, rows in chosen.items()}
    return {name: chosen[name][first:last] for name, (first, last) in limits.items()}


def separator(job: CheckJob) -> Callable[[tuple[PartFile, Chosen]], dict[str, list[str]]]:
    """Return what writes the rows of one part file in three kinds of part files. `kept` has all but the chosen rows."""
    own = pa.schema([job.schema.field(name) for name in job.columns])
    shown = pa.schema([pa.field(ROW, pa.int64()), *job.schema])

    def separate(item: tuple[PartFile, Chosen]) -> dict[str, list[str]]:
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
