"""Converts texts with a format to dates, as numpy's datetime64[us].

The calendar is the proleptic Gregorian one, years 1 to 9999, as in Python. A time with an offset or a time zone becomes
UTC; one without does not change.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.cells import present
from tabular.date_formats import COMMON, DATE, MONTHS, PIVOT, key, pattern

MOMENT = "datetime64[us]"
FIRST, LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")
_Parts = dict[str, pa.Array]
"""The (n,) texts of each part of a date, by its code's letter; empty for an absent optional part."""


def parse_dates(texts: pa.Array, pattern: str) -> tuple[np.ndarray, np.ndarray]:
    """Read (n,) texts with a pattern of `date_formats.pattern`.

    Returns the (n,) datetime64[us] values and the (n,) mask of the texts that fit and are valid dates.
    """
    values = np.full(len(texts), np.datetime64("NaT"), dtype=MOMENT)
    found = pc.extract_regex(texts, pattern)
    good = present(found)
    fields = found.filter(pa.array(good))
    parts = {field.name: fields.field(place) for place, field in enumerate(fields.type)}
    values[good], good[good] = _moments(parts)
    return values, good


def _moments(parts: _Parts) -> tuple[np.ndarray, np.ndarray]:
    days, real = _days(_year(parts), _month(parts), _numbers(parts, "d"))
    hours, whole = _hours(parts)
    minutes, seconds = _numbers(parts, "M"), _numbers(parts, "S")
    offset, fair = _offset(parts)
    real &= whole & fair & (minutes < 60) & (seconds < 60)
    micros = ((hours * 60 + minutes - offset) * 60 + seconds) * 1_000_000 + _micros(parts)
    values = days.astype(MOMENT) + micros.astype("timedelta64[us]")
    return values, real & (values >= FIRST) & (values <= LAST)


def _numbers(parts: _Parts, name: str) -> np.ndarray:
    """Return the (n,) numbers of a part, 0 for an absent one."""
    if name not in parts:
        return np.zeros(len(next(iter(parts.values()))), dtype="int64")
    texts = pc.if_else(pc.equal(parts[name], ""), "0", parts[name])
    return np.asarray(pc.cast(texts, pa.int64()).to_numpy(zero_copy_only=False))


def _year(parts: _Parts) -> np.ndarray:
    if "Y" in parts:
        return _numbers(parts, "Y")
    years = _numbers(parts, "y")
    return np.where(years >= PIVOT, 1900 + years, 2000 + years)


def _month(parts: _Parts) -> np.ndarray:
    if "m" in parts:
        return _numbers(parts, "m")
    names = pc.utf8_lower(pc.utf8_slice_codeunits(parts["b"] if "b" in parts else parts["B"], 0, 3))
    months = pa.array([name[:3].lower() for name in MONTHS], names.type)
    return np.asarray(pc.index_in(names, months).to_numpy(zero_copy_only=False)).astype("int64") + 1


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    return days, real & (days.astype("datetime64[M]") == months)


def _hours(parts: _Parts) -> tuple[np.ndarray, np.ndarray]:
    if "I" not in parts:
        hours = _numbers(parts, "H")
        return hours, hours < 24
    hours, afternoon = _numbers(parts, "I"), np.asarray(pc.equal(pc.utf8_lower(parts["p"]), "pm"))
    return hours % 12 + 12 * afternoon, (hours >= 1) & (hours <= 12)


def _micros(parts: _Parts) -> np.ndarray:
    if "f" not in parts:
        return _numbers(parts, "f")
    return _numbers({"f": pc.utf8_rpad(parts["f"], 6, "0")}, "f")


def _offset(parts: _Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n,) minutes east of UTC, and the mask of the texts that have an offset."""
    hours, minutes = _numbers(parts, "zone_hour"), _numbers(parts, "zone_minute")
    west = np.asarray(pc.equal(parts["sign"], "-")) if "sign" in parts else np.False_
    return np.where(west, -1, 1) * (hours * 60 + minutes), (hours < 24) & (minutes < 60)


def suggest_formats(texts: Sequence[str]) -> tuple[int, str]:
    """Return how many of the texts are dates in a common format, and the YAML keys for that format, or an empty text.

    Formats without a time are preferred. If several formats fit, such as day and month in either order, all of them are
    returned.
    """
    cells = pc.utf8_trim_whitespace(pa.array(texts, pa.large_string()))
    read = {form: parse_dates(cells, pattern(*form))[1] for form in COMMON}
    dates = np.logical_or.reduce(list(read.values()))
    fitting = [form for form in COMMON if dates.any() and (read[form] == dates).all()]
    plain = [form for form in fitting if form[1] == DATE]
    return int(dates.sum()), " or ".join(f"`{key(*form)}`" for form in plain or fitting)
