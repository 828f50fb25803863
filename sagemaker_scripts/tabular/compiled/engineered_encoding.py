"""Encodes typed Arrow columns by the steps of engineered features."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.engineered.keys import keys_of


def write_bins(step: Binned, numbers: np.ndarray, missing: np.ndarray | None, matrix: np.ndarray) -> None:
    """Write the range of (n,) numbers, some of which may be missing, to the (n, encoded) matrix."""
    table = np.array([_or_none(each) for each in (*step.offsets, step.missing)])
    bins = np.searchsorted(np.array(step.edges), numbers, side="right")
    if missing is not None:
        bins = np.where(missing, len(step.offsets), bins)
    _mark(step.place, table[bins], matrix)


def write_crossed(step: Crossed, columns: Sequence[pa.DictionaryArray], matrix: np.ndarray) -> None:
    """Write the combinations of (n,) categories to the (n, encoded) matrix."""
    keys, rows = _keys(columns)
    table = np.array([_or_none(step.known.get(key, step.other)) for key in keys], dtype="int64")
    _mark(step.place, table[rows], matrix)


def write_table(step: Table, columns: Sequence[pa.DictionaryArray], matrix: np.ndarray) -> None:
    """Write the numbers of (n,) combinations of categories to the (n, encoded) matrix."""
    keys, rows = _keys(columns)
    table = np.array([step.known.get(key, step.unseen) for key in keys]).reshape(len(keys), len(step.unseen))
    matrix[:, step.place : step.place + len(step.unseen)] = table[rows]


def _keys(columns: Sequence[pa.DictionaryArray]) -> tuple[list[str], np.ndarray]:
    return keys_of(
        [_codes(column) for column in columns], [[*column.dictionary.to_pylist(), None] for column in columns]
    )


def _codes(column: pa.DictionaryArray) -> np.ndarray:
    missing = pa.scalar(len(column.dictionary), column.indices.type)
    return np.asarray(pc.fill_null(column.indices, missing).to_numpy(zero_copy_only=False), dtype="int64")


def _or_none(offset: int | None) -> int:
    return -1 if offset is None else offset


def _mark(place: int, offsets: np.ndarray, matrix: np.ndarray) -> None:
    """Write 1 at the offset of each of n rows from a column of the matrix; nothing where it is -1."""
    rows = np.flatnonzero(offsets >= 0)
    matrix[rows, place + offsets[rows]] = 1
