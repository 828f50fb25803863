"""Finds typed values that their column does not allow."""

from datetime import datetime

import numpy as np
import pyarrow as pa

from tabular.cells import present
from tabular.columns import Column


def out_of_bounds(values: pa.Array, column: Column) -> np.ndarray:
    """Return the (n,) mask of typed values that are null but not nullable, out of range, or not a known category.

    `values` are those of `tabular.typed_cells`.
    """
    there = present(values)
    bad = np.zeros(len(values), dtype=bool) if column.nullable else ~there
    if column.categories is not None:
        bad |= there & ~_known(values, column.categories)
    if column.minimum is None and column.maximum is None:
        return bad
    numbers = _comparable(values)
    if column.minimum is not None:
        bad |= there & (numbers < _bound(column.minimum))
    if column.maximum is not None:
        bad |= there & (numbers > _bound(column.maximum))
    return bad


def _known(values: pa.Array, categories: tuple[str, ...]) -> np.ndarray:
    """Return the (n,) mask of the categories. A null has no meaning."""
    if not pa.types.is_dictionary(values.type):
        return np.array([value in categories for value in values.to_pylist()], dtype=bool)
    words = values.dictionary.to_pylist()
    allowed = set(categories)
    known = np.array([word in allowed for word in words] + [False], dtype=bool)
    if known[:-1].all():
        return np.ones(len(values), dtype=bool)
    return known[values.indices.fill_null(-1).to_numpy()]


def _comparable(values: pa.Array) -> np.ndarray:
    """Return the (n,) numbers or datetime64[us], with any value for nulls."""
    if pa.types.is_timestamp(values.type):
        return np.asarray(values.view(pa.int64()).fill_null(0).to_numpy().view("datetime64[us]"))
    return np.asarray(values.fill_null(0).to_numpy())


def _bound(limit: float | datetime) -> int | float | np.datetime64:
    """Return a whole limit as an int, which compares exactly with integers beyond 2^53."""
    if isinstance(limit, datetime):
        return np.datetime64(limit, "us")
    return int(limit) if float(limit).is_integer() else limit
