"""Reads a source as typed rows to score, and sets aside the rows that can't be read or typed, with their reasons."""

import itertools
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import SourceError
from config.use_case import UseCase
from tabular.bounds import out_of_bounds
from tabular.formats import FormatError
from tabular.plain_columns import PlainColumns
from tabular.typed_batches import TypedBatches
from tasks.batch.columns import ScoringColumns, columns_of
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.quarantine import REASONS
from tasks.rows.read_ahead import read_ahead
from tasks.sources.source import Converting, Source, headers_of


@dataclass(frozen=True)
class ReadRows:
    """n rows of a source, in its order."""

    columns: ScoringColumns
    good: pa.RecordBatch
    """The rows that a model can be asked about, in the schema `shard`."""
    bad: pa.RecordBatch
    """The others, in the schema `quarantine`."""


def read_rows(use_case: UseCase, source: Source) -> Generator[ReadRows, None, None]:
    """Read the rows of a source in another thread. Raises SourceError when it can't be read or lacks a feature."""
    plain, first = PlainColumns(), 0
    raw = source.converted(plain) if isinstance(source, Converting) else source.batches()
    with closing(read_ahead(raw)) as batches:
        begin = next(batches)  # a source yields at least one batch, or raises
        columns = columns_of(use_case, headers_of(begin.schema), source.format, source.describe())
        typing = TypedBatches(columns.known, columns.headers, columns.typed)
        typing.plain = plain
        for batch in itertools.chain([begin], batches):
            yield _separated(columns, _typed(typing, batch, source.describe()), first)
            first += len(batch)


def _typed(typing: TypedBatches, raw: pa.RecordBatch, source: str) -> pa.RecordBatch:
    try:
        return typing.typed(raw, lambda *_: None, lambda _: False)
    except FormatError as error:
        raise SourceError(f"{source}: {error}") from error


def _separated(columns: ScoringColumns, rows: pa.RecordBatch, first: int) -> ReadRows:
    """Return the good and the bad rows of a typed batch, whose first row has the number `first`."""
    numbers = np.arange(first, first + len(rows))
    unread = pc.not_equal(rows[UNREAD], "")
    suspects = np.asarray(pc.or_(unread, rows[MALFORMED].is_valid()))
    bad = suspects.copy()
    if suspects.any():
        places = np.flatnonzero(suspects)
        reasons = _reasons(columns, rows.take(pa.array(places)))
        bad[places] = [bool(each) for each in reasons]
        aside = [each for each in reasons if each]
    else:
        aside = []
    good = pa.array(~bad)
    kept = [pa.array(numbers[~bad]) if name == INPUT_ROW else rows[name].filter(good) for name in columns.shard.names]
    set_aside = rows.take(pa.array(np.flatnonzero(bad)))
    return ReadRows(
        columns,
        pa.RecordBatch.from_arrays(kept, schema=columns.shard),
        quarantined(columns, set_aside, numbers[bad], aside, _unread_texts(set_aside)),
    )


def _reasons(columns: ScoringColumns, rows: pa.RecordBatch) -> list[list[str]]:
    """Return why each of the n rows can't be scored. A row of which only the target is unreadable has no reason."""
    found = zip(rows[MALFORMED].to_pylist(), misfits(columns, rows, _unread_texts(rows)), strict=True)
    return [[malformed] if malformed is not None else list(reasons.values()) for malformed, reasons in found]


def misfits(
    columns: ScoringColumns, rows: pa.RecordBatch, unread: Sequence[Mapping[str, str]] | None = None
) -> list[dict[str, str]]:
    """Return why each of n typed rows does not fit the use case's columns, by column. `unread` has unread texts."""
    found = [dict[str, str]() for _ in range(len(rows))]
    for name in (name for name in columns.known if name in columns.required):
        column, values = columns.known[name], rows[name]
        texts = [cells.get(name) for cells in unread] if unread else [None] * len(rows)
        for row in np.flatnonzero(out_of_bounds(values, column) | [text is not None for text in texts]).tolist():
            value = values[row].as_py() if texts[row] is None else texts[row]
            found[row][name] = f"{name}: expected {column.expected}, found {column.shown(value)}"
    return found


def _unread_texts(rows: pa.RecordBatch) -> list[dict[str, str]]:
    return [json.loads(text) if text else {} for text in rows[UNREAD].to_pylist()]


def quarantined(
    columns: ScoringColumns,
    rows: pa.RecordBatch,
    numbers: np.ndarray,
    reasons: list[list[str]],
    unread: list[dict[str, str]] | None = None,
) -> pa.RecordBatch:
    """Return n rows in the schema of the quarantine. `unread` has the texts of cells that do not fit their type."""
    arrays = dict[str, pa.Array]()
    for name in columns.known:
        texts = rows[name].cast(pa.string())
        own = [cells.get(name) for cells in unread or ()]
        arrays[name] = pc.coalesce(pa.array(own, pa.string()), texts) if any(own) else texts
    arrays |= {
        INPUT_ROW: pa.array(numbers, pa.int64()),
        FILE: rows[FILE],
        LINE: rows[LINE],
        TEXT: rows[TEXT] if TEXT in rows.schema.names else pa.nulls(len(rows), pa.string()),
        REASONS: pa.array(reasons, pa.list_(pa.string())),
    }
    return pa.RecordBatch.from_arrays([arrays[name] for name in columns.quarantine.names], schema=columns.quarantine)
