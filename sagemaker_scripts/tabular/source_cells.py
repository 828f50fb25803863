"""Converts the cells of a source's column to pandas values for `tabular.columns`, without changing any value."""

from collections.abc import Callable

import pandas as pd
import pyarrow as pa

_UNREADABLE = (ValueError, OverflowError, KeyError, pa.ArrowException)
"""The errors of Arrow for dates after the year 9999 and for nanoseconds, and of pytz for an unknown time zone."""


class UnusableColumn(ValueError):
    """A column has nested or unreadable values. The message is its type."""


def cells(column: pa.Array) -> pd.Series:
    """Return the (n,) cells of a column. Integers and decimals keep every digit.

    Raises UnusableColumn for lists, structures, durations and similar types, and for unreadable values, such as a text
    that is not UTF-8 or a date after the year 9999.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if _has_no_single_values(column.type):
        raise UnusableColumn(str(column.type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _texts(column, kind)
    try:
        return _series(column.cast(kind), kind)
    except _UNREADABLE:
        raise UnusableColumn(f"{column.type} beyond what can be read") from None


def _has_no_single_values(kind: pa.DataType) -> bool:
    tests: tuple[Callable[[pa.DataType], bool], ...] = (pa.types.is_nested, pa.types.is_duration, pa.types.is_interval)
    return isinstance(kind, pa.BaseExtensionType) or any(test(kind) for test in tests)


def _texts(column: pa.Array, kind: pa.DataType) -> pd.Series:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raise UnusableColumn(f"{kind} that is not UTF-8") from None
    return _arrow(column.cast(pa.large_string()))


def _series(column: pa.Array, kind: pa.DataType) -> pd.Series:
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_decimal(kind) or pa.types.is_temporal(kind) or _is_binary(kind):
        return column.to_pandas(date_as_object=True).astype(object)
    return _arrow(column)


def _arrow(column: pa.Array) -> pd.Series:
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([column])))


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _timestamps(column: pa.Array) -> pd.Series:
    if column.type.unit == "ns":
        return column.to_pandas().astype(object)
    return column.to_pandas(timestamp_as_object=True).astype(object)
