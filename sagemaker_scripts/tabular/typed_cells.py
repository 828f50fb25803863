"""Converts cells to the values of a column by the rules of `tabular.columns`, over Arrow arrays and without pandas."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.cells import (
    EXACT,
    INTEGER,
    LARGEST_INTEGER,
    NUMBER,
    Cells,
    cells_of,
    data_of,
    is_text,
    masked,
    matches,
    parse_integers,
    parse_numbers,
    present,
)
from tabular.columns import WORDED, Column, ColumnType
from tabular.date_cells import typed_dates
from tabular.date_formats import TEMPORAL
from tabular.marks import plain_numbers
from tabular.missing_markers import integer_markers, number_markers, stated_texts
from tabular.plain_cells import plain_values
from tabular.worded_cells import coded_categories, typed_categories, typed_long_texts

TYPES: dict[ColumnType, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "text": pa.large_string(),
    "date": pa.timestamp("us"),
    "datetime": pa.timestamp("us"),
}
"""The Arrow type of the values of each type of column."""
FEW_DISTINCT = 0.5
"""The share of distinct texts up to which only these are converted."""


def typed_cells(cells: Cells, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells to the type of their column.

    Returns the (n,) values, as an array of one of TYPES with null for missing ones, and the (n,) mask of the cells that
    do not fit, which are null among the values.
    """
    if column.type in TEMPORAL:
        return typed_dates(cells, column)
    if column.type == "category" and isinstance(cells, pa.DictionaryArray) and is_text(cells):
        return coded_categories(cells, column), np.zeros(len(cells), dtype=bool)
    simple, not_single = cells_of(cells, inexact=column.type == "number")
    if column.type in WORDED:
        array, bad = (typed_categories if column.type == "category" else typed_long_texts)(simple, column)
        return array, bad | not_single
    if (column.decimal != "." or column.thousands) and is_text(cells):
        simple, misread = plain_numbers(simple, column.decimal, column.thousands)
        simple, not_single = pc.if_else(pa.array(misread), pa.scalar(None, simple.type), simple), not_single | misread
    array, bad = (_integers if column.type == "integer" else _numbers)(simple, column)
    return array, bad | not_single


def typed_texts(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) large_string cells as `typed_cells` does; categories become texts. Returns its array and mask."""
    if (plain := plain_values(cells, column)) is not None:
        return plain, np.zeros(len(cells), dtype=bool)
    return texts_by_rules(cells, column)


def texts_by_rules(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) large_string cells, of which some are not plain, as `typed_texts` does."""
    distinct = cells.dictionary_encode()
    if column.type == "category":
        return coded_categories(distinct, column).cast(pa.string()), np.zeros(len(cells), dtype=bool)
    if len(distinct.dictionary) > len(cells) * FEW_DISTINCT:
        return typed_cells(cells, column)
    found, unfit = typed_cells(distinct.dictionary, column)
    places = distinct.indices.fill_null(len(unfit)).to_numpy(zero_copy_only=False)
    return found.take(distinct.indices), np.append(unfit, False)[places]


def _integers(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    if cells.type == pa.int64() and not column.missing:
        return cells, np.zeros(len(cells), dtype=bool)
    stated, numbers, good = present(cells), np.zeros(len(cells), dtype="int64"), np.zeros(len(cells), dtype=bool)
    if pa.types.is_integer(cells.type):
        found = data_of(cells)
        good = stated & (found <= LARGEST_INTEGER)
        numbers[good] = found[good].astype("int64")
    elif pa.types.is_floating(cells.type):
        floats = cells.to_numpy(zero_copy_only=False)
        good = stated & (np.floor(floats) == floats) & (np.abs(floats) < EXACT)
        numbers[good] = floats[good].astype("int64")
    elif not pa.types.is_boolean(cells.type):
        texts, stated = stated_texts(cells, column.missing)
        good = stated & matches(texts, INTEGER)
        numbers[good], exact = parse_integers(texts.filter(pa.array(good)))
        good[good] = exact
    missing = ~stated | (good & _among(numbers, integer_markers(column.missing)))
    return masked(numbers, missing | ~good), ~good & ~missing


def _numbers(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    stated, numbers = present(cells), np.full(len(cells), np.nan)
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        numbers = data_of(cells).astype("float64", copy=False)
    elif not pa.types.is_boolean(cells.type):
        texts, stated = stated_texts(cells, column.missing)
        good = stated & matches(texts, NUMBER)
        numbers[good] = parse_numbers(texts.filter(pa.array(good)))
    bad = stated & ~np.isfinite(numbers)
    if cells.type == pa.float64() and not column.missing and not bad.any():
        return cells, bad
    missing = ~stated | _among(numbers, number_markers(column.missing))
    return masked(numbers, missing | bad), bad & ~missing


def _among(numbers: np.ndarray, markers: np.ndarray) -> np.ndarray:
    return np.isin(numbers, markers) if len(markers) else np.zeros(len(numbers), dtype=bool)
