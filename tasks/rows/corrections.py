"""Replaces cells of rows that a person has corrected, before the rows are digested."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD

Place = tuple[str | None, int]
"""A row's file and its line; for a source without lines, the row's number, from 1. The file may be null."""
Corrections = Mapping[Place, Mapping[str, Any]]
"""The corrected cells of rows: typed values by column, null for a missing one. Other cells do not change."""


def corrected(batch: pa.RecordBatch, first: int, corrections: Corrections) -> pa.RecordBatch:
    """Return the (n,) typed rows with their corrections. `first` is the number of the first row, from 1.

    A corrected row is no longer malformed, and a corrected cell no longer unread.
    """
    if not corrections:
        return batch
    numbers = pa.array(np.arange(first, first + len(batch)))
    lines = batch[LINE].fill_null(0).to_numpy(zero_copy_only=False)
    lines = np.where(batch[LINE].is_valid().to_numpy(zero_copy_only=False), lines, numbers.to_numpy())
    places = np.flatnonzero(np.isin(lines, [line for _, line in corrections]))
    rows = [(place, (batch[FILE][place].as_py(), int(lines[place]))) for place in places.tolist()]
    changed = [(place, corrections[key]) for place, key in rows if key in corrections]
    if not changed:
        return batch
    replaced = [_row(batch.slice(place, 1).to_pylist()[0], cells) for place, cells in changed]
    every = pa.Table.from_batches([batch, pa.RecordBatch.from_pylist(replaced, schema=batch.schema)])
    order = np.arange(len(batch))
    order[[place for place, _ in changed]] = np.arange(len(batch), len(batch) + len(changed))
    return every.take(pa.array(order)).combine_chunks().to_batches()[0]


def _row(row: dict[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
    unread = json.loads(row[UNREAD]) if row[UNREAD] else {}
    left = {name: text for name, text in unread.items() if name not in cells}
    return {**row, **cells, UNREAD: json.dumps(left) if left else "", MALFORMED: None, TEXT: None}
