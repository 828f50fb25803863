"""Counts rows that equal an earlier row in every column, by a 64-bit hash of each row."""

import numpy as np
import pandas as pd
import pyarrow as pa

FACTOR = np.uint64(0x9E3779B97F4A7C15)
NULL = np.uint64(0x5851F42D4C957F2D)
"""The hash of a null."""


class Duplicates:
    """The hashes of all rows so far, 8 bytes each. The probability of a collision among n rows is n² / 2^65."""

    def __init__(self) -> None:
        self._hashes: list[np.ndarray] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the next rows."""
        rows = np.zeros(len(batch), dtype="uint64")
        for column in batch.columns:
            rows = rows * FACTOR + _hashes(column)
        self._hashes.append(rows)

    def count(self) -> int:
        """Return the number of rows that equal an earlier row."""
        rows = np.concatenate([np.zeros(0, dtype="uint64"), *self._hashes])
        return len(rows) - len(np.unique(rows))


def _hashes(column: pa.Array) -> np.ndarray:
    """Return the (n,) hashes of a column of texts, numbers or dates."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        distinct = column.dictionary_encode()
        texts = pd.util.hash_array(distinct.dictionary.to_numpy(zero_copy_only=False), categorize=False)
        return np.asarray(np.append(texts, NULL)[distinct.indices.fill_null(-1).to_numpy(zero_copy_only=False)])
    if pa.types.is_temporal(column.type):
        column = column.view(pa.int64())
    numbers = pd.util.hash_array(column.fill_null(0).to_numpy(zero_copy_only=False))
    return np.asarray(np.where(column.is_valid().to_numpy(zero_copy_only=False), numbers, NULL))
