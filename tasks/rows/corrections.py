"""Replaces cells of rows that a person has corrected, before the rows are digested."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from tasks import digests
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD

Place = tuple[str | None, bool, int]
"""A row's file, which may be null; whether it has a line; and the line, or its number in its dataset, from 0."""
NOT_CONTENT = (FILE, LINE, MALFORMED)
"""The stored columns that are not part of a row's content. A malformed row's content is its text."""


class Correction(BaseModel):
    """The corrected cells of one row, which is found by its place in the source and by its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str | None
    line: int | None
    """From 1; None for a source without lines."""
    row: int
    """Its number in the dataset version where it was found, from 0."""
    original: str
    """The digest of its content before. A row with another content at this place is not corrected."""
    cells: dict[str, Any]
    """By column: numbers, texts, dates in ISO 8601, null for a missing value."""
    ids: tuple[str, ...] = ()
    """The fixes that it is made of."""

    @property
    def place(self) -> Place:
        """Where its row is."""
        return place_of(self.file, self.line, self.row)

    @property
    def key(self) -> tuple[Place, str]:
        """What its row is found by."""
        return self.place, self.original

    @property
    def shown_place(self) -> str:
        """Where its row is, as text."""
        there = f"row {self.row}" if self.line is None else f"line {self.line}"
        return f"{self.file}, {there}" if self.file else there


class Corrections:
    """Corrections of the rows of one source or version. `applied` has those that have found their row."""

    def __init__(self, corrections: Sequence[Correction] = ()) -> None:
        self._all = list(corrections)
        self._by_place: dict[Place, list[Correction]] = defaultdict(list)
        for each in corrections:
            self._by_place[each.place].append(each)
        self._numbers = np.unique([number for _, _, number in self._by_place]).astype("int64")
        self._found: set[tuple[Place, str]] = set()
        self.mended = 0
        """The number of corrected rows that were malformed."""
        self.rows = 0
        """The number of corrected rows."""

    def __bool__(self) -> bool:
        return bool(self._all)

    def again(self) -> "Corrections":
        """Return the same corrections, to apply them once more to the same rows."""
        return Corrections(self._all)

    @property
    def applied(self) -> list[Correction]:
        """The corrections whose row was there, in order."""
        return [each for each in self._all if each.key in self._found]

    @property
    def unmatched(self) -> list[Correction]:
        """The corrections whose row was not there, or had another content."""
        return [each for each in self._all if each.key not in self._found]

    def apply(self, batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
        """Return the (n,) typed rows with their corrections; the same batch if it has none of the rows.

        `first` is the number of the first row, from 0. A corrected row is no longer malformed, and a corrected cell no
        longer unread. Several corrections of one row are applied in order, each to what the one before has made.
        """
        if not self._all:
            return batch
        lined = batch[LINE].is_valid().to_numpy(zero_copy_only=False)
        lines = batch[LINE].fill_null(0).to_numpy(zero_copy_only=False)
        numbers = np.where(lined, lines, first + np.arange(len(batch)))
        changed: dict[int, dict[str, Any]] = {}
        for at in np.flatnonzero(np.isin(numbers, self._numbers)).tolist():
            known = self._by_place.get((batch[FILE][at].as_py(), bool(lined[at]), int(numbers[at])), [])
            row = before = batch.slice(at, 1).to_pylist()[0] if known else {}
            for each in known:
                row = self._corrected(row, each, batch.schema)
            if row is not before:
                self.rows += 1
                self.mended += before[MALFORMED] is not None
                changed[at] = row
        return _with_rows(batch, changed) if changed else batch

    def _corrected(self, row: dict[str, Any], correction: Correction, schema: pa.Schema) -> dict[str, Any]:
        if content_digest(row) != correction.original or not correction.cells.keys() <= set(schema.names):
            return row
        self._found.add(correction.key)
        return corrected_row(row, correction.cells, schema)


def place_of(file: str | None, line: int | None, row: int) -> Place:
    """Return where a row is."""
    return (file, False, row) if line is None else (file, True, line)


def content_digest(row: Mapping[str, Any]) -> str:
    """Return the digest of a stored row's content: its typed cells, its unread texts, and a malformed row's text."""
    return digests.of_json({name: value for name, value in row.items() if name not in NOT_CONTENT})


def corrected_row(row: Mapping[str, Any], cells: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Return a stored row with these cells, as JSON has them, instead of its own."""
    typed = {name: _from_json(value, schema.field(name).type) for name, value in cells.items()}
    unread = json.loads(row[UNREAD]) if row[UNREAD] else {}
    left = {name: text for name, text in unread.items() if name not in cells}
    return {**row, **typed, UNREAD: json.dumps(left) if left else "", MALFORMED: None, TEXT: None}


def _from_json(value: Any, kind: pa.DataType) -> Any:
    return datetime.fromisoformat(value) if value is not None and pa.types.is_timestamp(kind) else value


def _with_rows(batch: pa.RecordBatch, changed: Mapping[int, dict[str, Any]]) -> pa.RecordBatch:
    replaced = pa.RecordBatch.from_pylist(list(changed.values()), schema=batch.schema)
    order = np.arange(len(batch))
    order[list(changed)] = np.arange(len(batch), len(batch) + len(changed))
    every = pa.Table.from_batches([batch, replaced]).take(pa.array(order)).combine_chunks()
    return every.to_batches()[0]
