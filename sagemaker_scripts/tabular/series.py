"""Typed columns of pandas: the rules of `tabular.columns` over a pandas Series."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tabular import pandas_in_arrow
from tabular.cells import Cells, present
from tabular.columns import Column
from tabular.typed_cells import typed_cells

pandas_in_arrow.enable()


def cells_in(values: pd.Series) -> Cells:
    """Return the (n,) values as cells: an Arrow array, or an object array."""
    if values.dtype == object:
        return values.to_numpy()
    try:
        array = pa.Array.from_pandas(values)
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        return values.astype(object).to_numpy()
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def typed(values: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Convert the (n,) values of a column to its type, by the rules of `tabular.columns`.

    Returns the (n,) typed values and an (n,) boolean mask of the values that do not fit, which are missing among the
    typed values. Integers are Int64 with NA for missing values, numbers float64 and categories str objects with NaN,
    dates datetime64[us] with NaT.
    """
    found, bad = typed_array(values, column)
    return series_of(found, values.index), pd.Series(bad, index=values.index)


def typed_array(values: pd.Series, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Return the typed values of `typed` as an (n,) Arrow array, with null for missing values, and the (n,) mask.

    `tabular.typed_cells.typed_cells` describes the array.
    """
    return typed_cells(cells_in(values), column)


def series_of(values: pa.Array, index: pd.Index) -> pd.Series:
    """Return (n,) typed values as `typed` does."""
    return pd.Series(_for_pandas(values), index=index)


def _for_pandas(values: pa.Array) -> Any:
    if pa.types.is_integer(values.type):
        return pd.arrays.IntegerArray(values.fill_null(0).to_numpy(zero_copy_only=False).copy(), ~present(values))
    if pa.types.is_dictionary(values.type):
        known = np.array([*values.dictionary.to_pylist(), np.nan], dtype=object)
        return known[values.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return values.to_numpy(zero_copy_only=False)
