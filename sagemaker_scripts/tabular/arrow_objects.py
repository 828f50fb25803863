"""Python values of an Arrow array of any type, without pandas."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_UNREADABLE = (ValueError, ArithmeticError, KeyError, pa.ArrowException)
"""The errors for dates after the year 9999, decimals of extreme scales, nanoseconds, and an unknown time zone."""


class NanosecondTime(datetime):
    """A time with nanoseconds, as pandas' Timestamp has them."""

    nanosecond: int

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """Return the time in ISO 8601, with nine digits of its second's fraction."""
        text = super().isoformat(sep, "microseconds")
        end = len("2017-12-31T23:59:58.000000")
        return f"{text[:end]}{self.nanosecond:03}{text[end:]}"


class Unreadable:
    """A value that Python can't represent, such as a date after the year 9999."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind

    def __repr__(self) -> str:
        return f"a {self._kind} beyond what can be read"


def common(array: pa.Array) -> pa.Array:
    """Return an array as one of a type that all of Arrow's functions take: no views and no run-end encoding."""
    if isinstance(array, pa.DictionaryArray):
        words = array.dictionary
        return array if (plain := common(words)) is words else pa.DictionaryArray.from_arrays(array.indices, plain)
    if pa.types.is_run_end_encoded(array.type):
        return common(pc.run_end_decode(array))
    if pa.types.is_string_view(array.type):
        return array.cast(pa.large_string())
    return array.cast(pa.large_binary()) if pa.types.is_binary_view(array.type) else array


def objects_of(array: pa.Array) -> np.ndarray:
    """Return the (n,) Python values, None for nulls. Values that Python lacks are `Unreadable`."""
    try:
        values = array.to_pylist()
    except _UNREADABLE:
        values = [_value(scalar) for scalar in array]
    return np.fromiter(values, dtype=object, count=len(values))


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except _UNREADABLE:
        nanoseconds = pa.types.is_timestamp(scalar.type) and scalar.type.unit == "ns"
    try:
        return _with_nanoseconds(scalar) if nanoseconds else Unreadable(scalar.type)
    except _UNREADABLE:
        return Unreadable(scalar.type)


def _with_nanoseconds(scalar: pa.TimestampScalar) -> NanosecondTime:
    micros, nanosecond = divmod(scalar.value, 1000)
    whole = pa.scalar(micros, pa.timestamp("us", scalar.type.tz)).as_py()
    found = NanosecondTime.combine(whole.date(), whole.timetz())
    found.nanosecond = nanosecond
    return found
