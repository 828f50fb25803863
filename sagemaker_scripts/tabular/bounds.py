"""Finds typed values that their column does not allow."""

from datetime import datetime

import numpy as np
import pyarrow as pa

from tabular.cells import data_of, present
from tabular.columns import Column


def out_of_bounds(values: pa.Array, column: Column) -> np.ndarray:
    """Return the (n,) mask of typed values that are null but not nullable, out of range, or not a known category.

    `values` are those of `tabular.typed_cells`.
    """
    there = present(values)
    bad = np.zeros(len(values), dtype=bool) if column.nullable else ~there
    if column.categories is not None:
        bad |= there & ~_known(values, column.categories)
    if column.minimum is not None:
        bad |= there & (_comparable(values) < _bound(column.minimum))
    if column.maximum is not None:
        bad |= there & (_comparable(values) > _bound(column.maximum))
    return bad


def _known(values: pa.Array, categories: tuple[str, ...]) -> np.ndarray:
    """Return the (n,) mask of the categories. A null has no meaning."""
    if not pa.types.is_dictionary(values.type):
        return np.array([value in categories for value in values.to_pylist()], dtype=bool)
    allowed = set(categories)
    known = [word in allowed for word in values.dictionary.to_pylist()]
    if all(known):
        return np.ones(len(values), dtype=bool)
    return np.asarray(np.array([*known, False])[values.indices.fill_null(-1).to_numpy()], dtype=bool)


def _comparable(values: pa.Array) -> np.ndarray:
    """Return the (n,) numbers or datetime64[us]. That of a null has no meaning."""
    return data_of(values).view("datetime64[us]") if pa.types.is_timestamp(values.type) else data_of(values)


def _bound(limit: float | datetime) -> int | float | np.datetime64:
    return np.datetime64(limit, "us") if isinstance(limit, datetime) else exact(limit)


def exact(limit: float) -> int | float:
    """Return a whole limit as an int, which compares exactly with integers beyond 2^53."""
    return int(limit) if float(limit).is_integer() else limit
