"""Converts a column of plain texts by Arrow's own conversions, which agree with `tabular.columns` on such texts.

Plain are whole numbers without a plus or a point in an integer column, finite numbers with the column's decimal mark,
and dates in ISO 8601. Any other text makes the whole array unplain: then the rules of `tabular.columns` decide.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.columns import Column
from tabular.date_formats import DATE, DATETIME
from tabular.missing_markers import integer_markers, number_markers

_DAY, _SECOND = len("2017-12-31"), len("2017-12-31T23:59:58")
_FIRST = np.datetime64("0001-01-01", "us").astype("int64")


def plain_values(cells: pa.Array, column: Column) -> pa.Array | None:
    """Return the values of (n,) large_string cells, all of which fit the column's type; None if one is not plain."""
    if not len(cells):
        return None
    try:
        if column.type == "integer":
            return _integers(_without_empty(cells), column)
        if column.type == "number":
            return _numbers(_without_empty(cells), column)
        if column.type in (DATE, DATETIME) and column.format is None and not column.missing:
            return _dates(_without_empty(cells), column.type)
    except pa.ArrowInvalid:
        return None
    return None


def _integers(cells: pa.Array, column: Column) -> pa.Array | None:
    content = content_of(cells)
    if b"x" in content or b"X" in content:  # Arrow reads hexadecimal numbers too
        return None
    values = pc.cast(cells, pa.int64())
    return _without_markers(values, integer_markers(column.missing)) if column.missing else values


def _numbers(cells: pa.Array, column: Column) -> pa.Array | None:
    if column.decimal != ".":
        if column.thousands or column.decimal.isspace() or b"." in content_of(cells):
            return None
        cells = pc.replace_substring(cells, column.decimal, ".")
    values = pc.cast(cells, pa.float64())
    if pc.all(pc.is_finite(values)).as_py() is False:
        return None
    return _without_markers(values, number_markers(column.missing)) if column.missing else values


def _without_markers(values: pa.Array, markers: np.ndarray) -> pa.Array:
    if not len(markers):
        return values
    return pc.if_else(pc.is_in(values, pa.array(markers, values.type)), pa.scalar(None, values.type), values)


def _dates(cells: pa.Array, kind: str) -> pa.Array | None:
    length = {DATE: _DAY, DATETIME: _SECOND}[kind]
    sizes = pc.binary_length(cells)
    if len(cells) and not pc.all(pc.equal(sizes, length), min_count=0).as_py():
        return None
    if kind == DATETIME and not _have_colons(cells):
        return None
    values = pc.cast(cells, pa.timestamp("us"))
    least = pc.min(values.view(pa.int64())).as_py()
    return None if least is not None and least < _FIRST else values


def _have_colons(cells: pa.Array) -> bool:
    """Whether each text of _SECOND bytes has the marks of a time at their places."""
    texts = np.frombuffer(content_of(cells.drop_null()), "uint8").reshape(-1, _SECOND)
    between, colons = texts[:, 10], texts[:, 13:17:3]
    return bool((colons == ord(":")).all() and ((between == ord("T")) | (between == ord(" "))).all())


def _without_empty(cells: pa.Array) -> pa.Array:
    """Return the cells with null for empty texts. The texts are not copied."""
    offsets = _offsets(cells)
    stated = offsets[1:] > offsets[:-1]
    if stated.all():
        return cells
    stated &= cells.is_valid().to_numpy(zero_copy_only=False)
    bits = pa.py_buffer(np.packbits(stated, bitorder="little"))
    return pa.LargeStringArray.from_buffers(len(cells), pa.py_buffer(offsets), cells.buffers()[2], bits)


def _offsets(cells: pa.Array) -> np.ndarray:
    """Return the (n + 1,) offsets of the texts in their buffer."""
    return np.frombuffer(cells.buffers()[1], "int64")[cells.offset : cells.offset + len(cells) + 1]


def content_of(cells: pa.Array) -> bytes:
    """Return the bytes of all (n,) large_string cells."""
    content = cells.buffers()[2]
    if content is None or not len(cells):
        return b""
    offsets = _offsets(cells)
    return bytes(content.slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes())
