"""Converts cells to dates by the rules of `tabular.columns`: texts with a format, and native dates of Parquet."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from tabular.arrow_objects import objects_of
from tabular.cells import Cells, cells_of, is_null, present
from tabular.columns import Column
from tabular.date_formats import DATE, pattern
from tabular.dates import FIRST, LAST, MOMENT, parse_dates
from tabular.missing_markers import stated_texts
from tabular.plain_cells import plain_values

_DAY, _NANOSECONDS = 86_400_000_000, 1000
"""The microseconds of a day, and the nanoseconds of a microsecond."""


def typed_dates(cells: Cells, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells to timestamp[us]. Returns them with the (n,) mask of the cells that do not fit."""
    native = native_dates(cells)
    if native.any():
        found, good, stated = _with_native(cells, native, column)
    else:
        simple, not_single = cells_of(cells)
        plain = plain_values(simple, column) if pa.types.is_large_string(simple.type) else None
        if plain is not None and not not_single.any():
            return plain, not_single
        found, good, stated = _from_texts(simple, column)
        stated |= not_single
    missing = ~stated | (good & np.isin(found, _markers(column.missing, column.format, column.type)))
    null = missing | ~good
    return pa.array(found, pa.timestamp("us"), mask=null), ~good & ~missing


def _from_texts(cells: pa.Array, column: Column) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    texts, stated = stated_texts(cells, column.missing)
    return *parse_dates(texts, pattern(column.format, column.type)), stated


def _with_native(cells: Cells, native: np.ndarray, column: Column) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if isinstance(cells, pa.Array) and (moments := _arrow_moments(cells, column.type)) is not None:
        return *moments, native
    values = objects_of(cells) if isinstance(cells, pa.Array) else cells
    others, not_single = cells_of(np.where(native, None, values))
    found, good, stated = _from_texts(others, column)
    found[native], good[native] = _moments(values[native], column.type)
    return found, good, stated | native | not_single


@lru_cache(maxsize=4096)
def _markers(markers: tuple[str, ...], format: str | None, kind: str) -> np.ndarray:
    texts = pa.array([marker.strip() for marker in markers], pa.large_string())
    return parse_dates(texts, pattern(format, kind))[0]


def native_dates(cells: Cells) -> np.ndarray:
    """Return the (n,) mask of the cells that are native dates or times."""
    if isinstance(cells, pa.Array):
        kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
        dates = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
        return present(cells) if dates else np.zeros(len(cells), dtype=bool)
    values = cells.tolist()
    if not any(issubclass(kind, date) for kind in set(map(type, values))):
        return np.zeros(len(cells), dtype=bool)
    return np.array([isinstance(value, date) and not is_null(value) for value in values], dtype=bool)


def _arrow_moments(cells: pa.Array, kind: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Convert an array of dates or times as `_moments` does; None for dates of a time zone, and for dictionaries."""
    native = pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type)
    zone = cells.type.tz if pa.types.is_timestamp(cells.type) else None
    if not native or (zone not in (None, "UTC") and kind == DATE):
        return None
    scale = _NANOSECONDS if cells.type == pa.timestamp("ns", zone) else 1
    try:
        micros = cells.cast(pa.timestamp("us", zone), safe=scale == 1).view(pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits of microseconds
        return None
    values = micros.fill_null(0).to_numpy()
    good = present(cells) & (values >= FIRST.astype("int64")) & (values <= LAST.astype("int64"))
    if scale != 1:
        good &= cells.view(pa.int64()).fill_null(0).to_numpy() % scale == 0
    if kind == DATE:
        good &= values % _DAY == 0
    return values.astype(MOMENT), good


def _moments(values: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Convert (n,) native dates to datetime64[us].

    Returns the (n,) values and the (n,) mask of the lossless conversions: a `date` has no time of day, and no time has
    nanoseconds.
    """
    found = [_moment(value, kind) for value in values]
    good = np.array([value is not None for value in found], dtype=bool)
    return np.array(found, dtype=MOMENT), good


def _moment(value: Any, kind: str) -> datetime | None:
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    if getattr(value, "nanosecond", 0):
        return None
    value = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    if kind == DATE:
        return value.replace(tzinfo=None) if value.time() == time() else None
    return _in_utc(value)


def _in_utc(value: datetime) -> datetime | None:
    try:
        return value.replace(tzinfo=None) if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:  # in UTC its year is 0 or 10000
        return None
