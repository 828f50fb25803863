"""Converts the cells of one column, from any source or request, to one Arrow array of a simple type."""

from datetime import date, time
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.arrow_objects import objects_of
from tabular.date_formats import date_text

Cells: TypeAlias = pa.Array | np.ndarray
"""The (n,) cells of a column: an Arrow array, or an object array of Python values."""
ObjectKind = Literal["empty", "text", "integer", "floating", "boolean", "numbers", "other"]

INTEGER = r"^[+-]?[0-9]+(\.0*)?$"
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
EXACT = 2**53
"""From this value on, adjacent whole numbers may be equal as 64-bit floats (IEEE 754)."""
LARGEST_INTEGER = 2**63 - 1
_LONGEST_INTEGER = len(str(LARGEST_INTEGER))
_NULLS = frozenset({"NoneType", "NAType", "NaTType"})
"""The names of the types of None and of pandas' missing values, which are known without importing pandas."""
_KINDS: dict[type, ObjectKind] = {
    str: "text", int: "integer", float: "floating", bool: "boolean", type(None): "empty",
}  # fmt: skip
_TYPES = {
    "empty": pa.large_string(), "text": pa.large_string(), "integer": pa.int64(), "floating": pa.float64(),
    "boolean": pa.bool_(), "numbers": pa.float64(),
}  # fmt: skip


def cells_of(cells: Cells, inexact: bool = False) -> tuple[pa.Array, np.ndarray]:
    """Return the (n,) cells as an Arrow array, and the (n,) mask of cells with nested values, which are null.

    The array has booleans, integers, 64-bit floats or texts. Cells of several types become texts; booleans then become
    `true` and `false`. `inexact` allows whole numbers to become floats when the column also has fractions.
    """
    if isinstance(cells, np.ndarray):
        return _of_objects(cells, inexact)
    array = _simple(cells)
    return _one_by_one(objects_of(cells)) if array is None else (array, np.zeros(len(cells), dtype=bool))


def is_text(cells: Cells) -> bool:
    """Whether the cells are texts in the source. A Parquet decimal becomes a text here, but has no marks."""
    if isinstance(cells, np.ndarray):
        return object_kind(cells) == "text"
    kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def object_kind(cells: np.ndarray) -> ObjectKind:
    """Return the one kind of the (n,) Python values beside missing ones, or `other`.

    `numbers` are whole numbers and fractions. True next to 1.5 is not a number.
    """
    values = cells.tolist()
    kinds = {_kind(each) for each in set(map(type, values))} - {"empty"}
    if (
        "floating" in kinds
        and len(kinds) > 1
        and all(value != value for value in values if isinstance(value, float | np.floating))
    ):
        kinds.remove("floating")  # NaN only
    if not kinds:
        return "empty"
    if kinds == {"integer", "floating"}:
        return "numbers"
    return kinds.pop() if len(kinds) == 1 else "other"


def _kind(each: type) -> ObjectKind:
    if (known := _KINDS.get(each)) is not None:
        return known
    if each.__name__ == "NAType":
        return "empty"
    groups: tuple[tuple[ObjectKind, tuple[type, ...]], ...] = (
        ("other", (np.timedelta64,)),
        ("boolean", (np.bool_,)),
        ("text", (str,)),
        ("integer", (int, np.integer)),
        ("floating", (float, np.floating)),
    )
    return next((kind for kind, types in groups if issubclass(each, types)), "other")


def _of_objects(cells: np.ndarray, inexact: bool) -> tuple[pa.Array, np.ndarray]:
    kind = object_kind(cells)
    if kind == "other" or (kind == "numbers" and not inexact):
        return _one_by_one(cells)
    try:
        return pa.array(cells, _TYPES[kind], from_pandas=True), np.zeros(len(cells), dtype=bool)
    except (ValueError, TypeError, OverflowError):
        return _one_by_one(cells)


def _simple(array: pa.Array) -> pa.Array | None:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or kind in (pa.float64(), pa.large_string()):
        return array
    if pa.types.is_floating(kind):
        return pc.cast(array, pa.float64())
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(array, pa.large_string())
    return None


def _one_by_one(values: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    texts: list[str | None] = []
    not_single = np.zeros(len(values), dtype=bool)
    for row, value in enumerate(values):
        try:
            texts.append(_cell_text(value))
        except (TypeError, ValueError):
            texts.append(None)
            not_single[row] = True
    return pa.array(texts, pa.large_string()), not_single


def is_null(value: Any) -> bool:
    """Whether a value is None, or one of pandas' missing values."""
    return type(value).__name__ in _NULLS


def _cell_text(value: Any) -> str | None:
    """Return the text of a cell, None for a missing one. Raises TypeError or ValueError for a nested value."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode().decode()  # raises for half of a surrogate pair
    if is_null(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else number_text(float(value))
    return _rare_text(value)


def _rare_text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return None if value.is_nan() else f"{value:f}"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, date | time):
        return date_text(value)
    raise TypeError


def number_text(value: float) -> str:
    """Return the text of a number; 1.0 and 1 are both "1". Raises ValueError for an infinite one."""
    if not np.isfinite(value):
        raise ValueError
    return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)


def texts_of(cells: pa.Array) -> pa.Array:
    """Return the cells of `cells_of` as stripped texts. Infinite numbers become `inf`."""
    if pa.types.is_floating(cells.type):
        distinct = cells.dictionary_encode()
        texts = [number_text(value) if np.isfinite(value) else repr(value) for value in distinct.dictionary.to_pylist()]
        return pa.array(texts, pa.large_string()).take(distinct.indices)
    return pc.utf8_trim_whitespace(pc.cast(cells, pa.large_string()))


def present(cells: pa.Array) -> np.ndarray:
    """The (n,) mask of the cells that are not null."""
    if not cells.null_count:
        return np.ones(len(cells), dtype=bool)
    if (bits := cells.buffers()[0]) is None:  # an array of nulls, or a type without this buffer
        return np.asarray(cells.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    end = cells.offset + len(cells)
    found = np.unpackbits(np.frombuffer(bits, "uint8"), count=end, bitorder="little")
    return found[cells.offset :].view(bool)


def data_of(cells: pa.Array) -> np.ndarray:
    """Return the (n,) numbers of an array of numbers or times, without a copy. The number of a null has no meaning."""
    data, dtype = cells.buffers()[1], f"{'f' if pa.types.is_floating(cells.type) else 'i'}{cells.type.bit_width // 8}"
    if pa.types.is_unsigned_integer(cells.type):
        dtype = f"u{dtype[1:]}"
    if data is None or not len(cells):
        return np.zeros(len(cells), dtype=dtype)
    return np.frombuffer(data, dtype, cells.offset + len(cells))[cells.offset :]  # a buffer may be longer


def masked(values: np.ndarray, null: np.ndarray) -> pa.Array:
    """Return (n,) values as an Arrow array with null where the (n,) mask is true."""
    return pa.array(values, mask=null) if null.any() else pa.array(values)


def matches(texts: pa.Array, pattern: str) -> np.ndarray:
    """Return the (n,) mask of the texts that match a regular expression in RE2's syntax. Nulls do not match."""
    return np.asarray(pc.match_substring_regex(texts, pattern).fill_null(False).to_numpy(zero_copy_only=False))


def parse_integers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read (n,) texts that match INTEGER.

    Returns the (n,) int64 values and the (n,) mask of the exact ones: within 64 bits, and below 2^53 for texts with a
    decimal point.
    """
    digits = pc.replace_substring_regex(texts, r"^\+|\.0*$", "")
    exact = np.ones(len(texts), dtype=bool)
    try:
        values = np.asarray(pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:  # at least one has too many digits
        found = [whole_number(text) for text in digits.to_pylist()]
        exact = np.array([value is not None for value in found], dtype=bool)
        values = np.array([value or 0 for value in found], dtype="int64")
    pointed = matches(texts, r"\.")
    return values, exact & ~(pointed & ((values >= EXACT) | (values <= -EXACT)))


def whole_number(text: str) -> int | None:
    """Return the number of a text of digits, which may have a sign and any number of zeros; None beyond 64 bits."""
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > _LONGEST_INTEGER:
        return None
    value = -int(digits) if text.startswith("-") else int(digits)
    return value if -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER else None


def parse_numbers(texts: pa.Array) -> np.ndarray:
    """Read (n,) texts that match NUMBER as (n,) 64-bit floats. Numbers out of range become infinite."""
    plain = pc.replace_substring_regex(texts, r"^\+", "")
    return np.asarray(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), dtype="float64")
