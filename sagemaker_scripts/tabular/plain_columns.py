"""Columns of a delimited file whose cells Arrow's reader converts while it cuts the rows, without texts in between.

Only conversions that agree with `tabular.columns` are done: of whole numbers, of finite numbers with a decimal point,
and of dates in ISO 8601. A block with any other cell in such a column is cut into texts.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.columns import Column
from tabular.date_formats import DATE

_FIRST = np.datetime64("0001-01-01", "D").astype("int32")
_MARK = {b"cells": b"converted"}
INTEGER, NUMBER, DAY = pa.int64(), pa.float64(), pa.date32()
_STORED = {DAY: pa.timestamp("us")}


class PlainColumns:
    """The columns that a reader may convert. One thread sets them while another one reads."""

    def __init__(self, types: Mapping[str, pa.DataType] | None = None) -> None:
        self.types: Mapping[str, pa.DataType] = types or {}
        """The type of each column, by its header. Only replaced as a whole."""


def plain_type(column: Column) -> pa.DataType | None:
    """Return the type that Arrow's reader converts the plain cells of a column to; None if it can't."""
    if column.missing:
        return None
    if column.type == "integer":
        return INTEGER
    if column.type == "number" and column.decimal == ".":
        return NUMBER
    return DAY if column.type == DATE and column.format is None else None


def readable(types: Mapping[str, pa.DataType], content: bytes) -> dict[str, pa.DataType]:
    """Leave out the types of columns in which Arrow would read other texts of `content` as values."""
    if not _may_be_hexadecimal(content):
        return dict(types)
    return {name: kind for name, kind in types.items() if kind != INTEGER}


def _may_be_hexadecimal(content: bytes) -> bool:
    if b"x" not in content and b"X" not in content:
        return False
    found = np.frombuffer(content, "uint8")
    marks = np.flatnonzero((found == ord("x")) | (found == ord("X")))
    return bool((found[marks - 1] == ord("0")).any())


def agree(columns: Sequence[pa.Array]) -> bool:
    """Whether all converted cells have the values that `tabular.columns` gives them."""
    return all(map(_agrees, columns))


def _agrees(cells: pa.Array) -> bool:
    if cells.type == NUMBER:
        return pc.all(pc.is_finite(cells)).as_py() is not False
    if cells.type == DAY:
        least = pc.min(cells.view(pa.int32())).as_py()
        return least is None or least >= _FIRST
    return True


def stored(cells: pa.Array) -> pa.Array:
    """Return converted cells with their type in `tabular.typed_cells.TYPES`."""
    return cells.cast(_STORED[cells.type]) if cells.type in _STORED else cells


def field(name: str, cells: pa.Array) -> pa.Field:
    """Return the field of a column, which is marked if its cells are converted."""
    return pa.field(name, cells.type, metadata=None if cells.type == pa.large_string() else _MARK)


def is_converted(column: pa.Field) -> bool:
    """Whether the cells of a column are converted."""
    return bool(column.metadata == _MARK)
