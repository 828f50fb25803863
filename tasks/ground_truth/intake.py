"""Reads a source of ground truth as typed rows, and sets aside the rows that do not fit, with their reasons."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import SourceError
from config.use_case import UseCase
from tabular.formats import FormatError
from tabular.typed_batches import TypedBatches
from tasks.batch.intake import misfits, quarantined
from tasks.ground_truth.columns import (
    GROUP,
    INFERENCE_ID,
    INFERENCE_ROW,
    KEY,
    ORDER,
    ROW,
    TARGET,
    TIME,
    TruthColumns,
    columns_of,
    stored_schema,
)
from tasks.model_contract import MALFORMED, UNREAD
from tasks.sources.source import Source, headers_of


@dataclass(frozen=True)
class TruthRows:
    """n rows of a source, in its order."""

    taken: pa.RecordBatch
    """The rows with a true value, in `stored_schema`."""
    aside: pa.RecordBatch
    """The rows that do not fit, as text, with their reasons."""
    without_target: int
    """The rows that fit, and have no true value yet."""


def read_rows(use_case: UseCase, source: Source) -> Iterator[TruthRows]:
    """Read the rows of a source. Raises SourceError when it can't be read or lacks a column."""
    batches, shown, first = source.batches(), source.describe(), 0
    begin = next(batches)  # a source yields at least one batch, or raises
    columns = columns_of(use_case, headers_of(begin.schema), source.format, shown)
    schema = stored_schema(use_case, columns)
    typing = TypedBatches(columns.reading.known, columns.reading.headers, columns.reading.typed)
    for batch in itertools.chain([begin], batches):
        try:
            rows = typing.typed(batch, lambda *_: None)
        except FormatError as error:
            raise SourceError(f"{shown}: {error}") from error
        yield _separated(use_case, columns, rows, schema, first)
        first += len(batch)


def _separated(
    use_case: UseCase, columns: TruthColumns, rows: pa.RecordBatch, schema: pa.Schema, first: int
) -> TruthRows:
    numbers = np.arange(first, first + len(rows))
    target = _target(use_case, columns, rows)
    reasons = _reasons(columns, rows)
    bad = np.array([bool(each) for each in reasons], dtype=bool)
    known = np.asarray(target.is_valid()) & ~bad
    kept = pa.array(known)
    stored = _stored(columns, rows, target, numbers, schema).filter(kept)
    unread = [json.loads(text) if text else {} for text in rows[UNREAD].filter(pa.array(bad)).to_pylist()]
    why = [each for each in reasons if each]
    aside = quarantined(columns.reading, rows.filter(pa.array(bad)), numbers[bad], why, unread)
    return TruthRows(stored, aside, int((~known & ~bad).sum()))


def _target(use_case: UseCase, columns: TruthColumns, rows: pa.RecordBatch) -> pa.Array:
    """Return the (n,) true classes or values, null where unknown."""
    if columns.by_rule and (rule := use_case.rule):
        found = rule.evaluate({name: rows.column(name) for name in rule.names}, len(rows))
        numbers = pa.array(np.asarray(found.data, dtype="int64"), mask=np.asarray(found.null, dtype=bool))
        return pa.array(use_case.target.classes).take(numbers)
    return rows.column(use_case.target.column).cast(pa.string() if use_case.target.classes else pa.float64())


def _reasons(columns: TruthColumns, rows: pa.RecordBatch) -> list[list[str]]:
    """Return why each of the n rows is not taken; nothing for one that is."""
    unread = [json.loads(text) if text else {} for text in rows[UNREAD].to_pylist()]
    found = [list(each.values()) for each in misfits(columns.reading, rows, unread)]
    for row in np.flatnonzero(~_identified(columns, rows)).tolist():
        found[row].append(f"row: expected {_identity(columns)}, found none")
    for row, malformed in enumerate(rows[MALFORMED].to_pylist()):
        if malformed is not None:
            found[row] = [malformed]
    return found


def _identified(columns: TruthColumns, rows: pa.RecordBatch) -> np.ndarray:
    """Return the (n,) mask of the rows that name a prediction."""
    found = np.zeros(len(rows), dtype=bool)
    if columns.has_inference_id:
        found |= np.asarray(rows[INFERENCE_ID].is_valid())
    if columns.key:
        found |= np.logical_and.reduce([np.asarray(rows[name].is_valid()) for name in columns.key])
    return found


def _identity(columns: TruthColumns) -> str:
    named = [INFERENCE_ID] if columns.has_inference_id else []
    key = [f"the key {', '.join(columns.reading.headers[name] for name in columns.key)}"] if columns.key else []
    return " or ".join([*named, *key])


def _stored(
    columns: TruthColumns, rows: pa.RecordBatch, target: pa.Array, numbers: np.ndarray, schema: pa.Schema
) -> pa.RecordBatch:
    there, count = columns.reading.known, len(rows)
    inference = rows[INFERENCE_ID] if INFERENCE_ID in there else pa.nulls(count, pa.string())
    given = rows[INFERENCE_ROW] if INFERENCE_ROW in there else pa.nulls(count, pa.int64())
    row = pc.if_else(inference.is_valid(), pc.fill_null(given, 0), pa.scalar(None, pa.int64()))
    arrays = {
        INFERENCE_ID: inference,
        ROW: row,
        **{f"{KEY}{name}": rows[name] for name in columns.key},
        TIME: rows[TIME] if TIME in there else pa.nulls(count, pa.timestamp("us")),
        TARGET: target,
        **{f"{GROUP}{name}": rows[name].cast(pa.string()) for name in columns.groups},
        ORDER: pa.array(numbers),
    }
    return pa.RecordBatch.from_arrays([arrays[field.name].cast(field.type) for field in schema], schema=schema)
