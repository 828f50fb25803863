"""Typed columns: converts the cells of a source or a request to values, and finds those that do not fit.

Ingestion, `vishwaops predict` and the endpoint use these rules for CSV, JSON and Parquet. Texts are stripped of blanks.

| a cell holds | integer | number | category | date, datetime |
|---|---|---|---|---|
| null, an empty text, a marker of `Column.missing` | missing | missing | missing | missing |
| `na`, `n/a`, `nan`, `null`, `none`, `<na>` in any case | missing | missing | that text | missing |
| `5`, `+5`, `007` as text | 5, 5, 7, every digit kept | 5, 5, 7 | that text | read by `format` |
| a whole number beyond 64 bits, signed | refused | its nearest 64-bit float | its digits | refused |
| `5.0` as text or number | 5 below 2^53, else refused | 5 | `5` if that is a category and `5.0` is not | as `5` |
| `5.5` | refused | 5.5 | that text | refused |
| `1e3` as text | refused: spreadsheets round so | 1000 | that text | refused |
| 1e3 as a number of JSON, which is 1000.0 | 1000 | 1000 | `1000` | refused |
| infinity, or beyond the range of a 64-bit float | refused | refused | refused; as text that text | refused |
| true, false; as text in any case | refused | refused | see below | refused |
| `1_000`, `0x10`, digits of other scripts | refused | refused | that text | refused |
| a date in `format`, such as `31/12/2017` | refused | refused | that text | that date |
| any other text, also `30/02/2017` | refused | refused | that text | refused |
| a date or time of Parquet | refused | refused | its text in ISO 8601 | that date, see below |
| a list, an object, half of a surrogate pair | refused | refused | refused | refused |
| no cell at all: the field or the column is absent | refused | refused | refused | refused |

Booleans: a text that is one of the column's categories is that category. If the column has two categories that are one
of BOOLEAN_PAIRS (`tabular.category_words`), true and 1 are the one, false and 0 the other. Otherwise they are the
category `true` or `false`, in any case. In a column without categories they are the texts `true` and `false`.

A text (`type: text`) is read as a category without categories, but every text stays as it is, also `True`. One with
more characters than `max_length` does not fit.

Dates: a text must fit the whole format of its column (`tabular.date_formats`); nothing is guessed. A date has no time
of day: a timestamp of Parquet is a date only at midnight of its own time zone. A datetime with an offset or a time zone
becomes UTC; one without does not change; a date becomes its midnight. Nanoseconds are refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tabular.category_words import category_words
from tabular.cells import (
    EXACT,
    INTEGER,
    LARGEST_INTEGER,
    NUMBER,
    cells_of,
    matches,
    parse_integers,
    parse_numbers,
    present,
)
from tabular.date_formats import DATE, TEMPORAL, date_text, described, pattern
from tabular.dates import moments, native_dates, parse_dates
from tabular.marks import plain_numbers
from tabular.missing_markers import integer_markers, number_markers, stated_texts
from tabular.plain_cells import plain_values
from tabular.shown_values import inexact, shown
from tabular.suggestions import similar

FEW_DISTINCT = 0.5
"""The share of distinct texts up to which only these are converted."""
_KINDS = {"integer": "a whole number", "number": "a number", "category": "a text"}

ColumnType = Literal["integer", "number", "category", "text", "date", "datetime"]
WORDED = ("category", "text")
"""The types of columns that hold texts."""
LONGEST_TEXT = 10_000
"""The default of `max_length`, in characters."""


def _described(default: Any, description: str) -> Any:
    """A field with a description for the JSON Schema, which lacks the docstrings of a dataclass's fields."""
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True)
class Column:
    """One column: its type, the values that it may have, and whether they are sensitive."""

    name: str
    type: ColumnType
    minimum: float | datetime | None = None
    maximum: float | datetime | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = _described(
        False, "A sensitive column's values never appear in a profile, a report, a page or a message."
    )
    missing: tuple[str, ...] = _described(
        (), "Texts that mean a missing value, in any case. A number matches in every notation."
    )
    decimal: str = "."
    thousands: str | None = None
    """The decimal and thousands marks of numbers in texts."""
    format: str | None = _described(
        None, "The format of dates, in strptime's codes (`tabular.date_formats`). The default is ISO 8601."
    )
    ordered: bool = _described(False, "The categories have an order. They are listed from the lowest to the highest.")
    max_length: int | None = _described(
        None, f"The most characters of a text. The default is {LONGEST_TEXT:,}. A longer one goes to quarantine."
    )

    @cached_property
    def expected(self) -> str:
        """The valid values of this column, as text."""
        if self.categories:
            return "one of " + ", ".join(self.categories)
        if self.type == "text":
            return f"a text of at most {self.longest:,} characters"
        kind = _KINDS.get(self.type) or described(self.format, self.type)
        limits = [shown_limit(limit, self.type) for limit in (self.minimum, self.maximum) if limit is not None]
        if len(limits) == 2:
            return f"{kind} from {limits[0]} to {limits[1]}"
        side = "at least" if self.minimum is not None else "at most"
        return f"{kind} of {side} {limits[0]}" if limits else kind

    @property
    def longest(self) -> int:
        """The most characters of a text."""
        return self.max_length or LONGEST_TEXT

    def shown(self, value: Any) -> str:
        """Return `value` as a message may show it: shortened, and hidden for a sensitive column."""
        if isinstance(value, Absent):
            return value.shown()
        if self.sensitive:
            return "(hidden: sensitive)"
        return shown(value) + (inexact(value) if self.type == "integer" else "")


def shown_limit(limit: float | datetime, kind: ColumnType) -> str:
    """A minimum or maximum as text."""
    if not isinstance(limit, datetime):
        return f"{limit:g}"
    return date_text(limit) if kind == DATE else limit.isoformat(sep=" ")


@dataclass(frozen=True, eq=False)
class Absent:
    """Represents a cell that was not sent. It differs from null."""

    name: str
    there: Collection[str]
    """The names in the request that are not features."""

    def shown(self) -> str:
        """Return what was found instead, for messages."""
        near = similar(self.name, self.there)
        return f"nothing: it is absent, but there is {near!r}" if near else "nothing: it is absent"


def typed(values: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Convert the (n,) values of a column to its type, by the rules of this module.

    Returns the (n,) typed values and an (n,) boolean mask of the values that do not fit, which are missing among the
    typed values. Integers are Int64 with NA for missing values, numbers float64 and categories str objects with NaN,
    dates datetime64[us] with NaT.
    """
    found, bad = typed_array(values, column)
    return pd.Series(_for_pandas(found), index=values.index), pd.Series(bad, index=values.index)


def _for_pandas(values: pa.Array) -> Any:
    if pa.types.is_integer(values.type):
        return pd.arrays.IntegerArray(values.fill_null(0).to_numpy(zero_copy_only=False).copy(), ~present(values))
    if pa.types.is_dictionary(values.type):
        known = np.array([*values.dictionary.to_pylist(), np.nan], dtype=object)
        return known[values.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return values.to_numpy(zero_copy_only=False)


def typed_array(values: pd.Series, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Return the typed values of `typed` as an (n,) Arrow array, with null for missing values, and the (n,) mask.

    The array is of int64, double, dictionary<string>, large_string (of a text) or timestamp[us].
    """
    if column.type in TEMPORAL:
        found, bad = _dates(values, column)
        return pa.array(found, pa.timestamp("us")), bad
    cells, not_single = cells_of(values, inexact=column.type == "number")
    if column.type not in WORDED and (column.decimal != "." or column.thousands) and _is_text(values):
        cells, misread = plain_numbers(cells, column.decimal, column.thousands)
        cells, not_single = pc.if_else(pa.array(misread), pa.scalar(None, cells.type), cells), not_single | misread
    array, bad = _READERS[column.type](cells, column)
    return array, bad | not_single


def typed_texts(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) large_string cells as `typed_array` does; categories become texts. Returns its array and mask."""
    if (plain := plain_values(cells, column)) is not None:
        return plain, np.zeros(len(cells), dtype=bool)
    return texts_by_rules(cells, column)


def texts_by_rules(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) large_string cells, of which some are not plain, as `typed_texts` does."""
    distinct = cells.dictionary_encode()
    if column.type == "category":
        words, _ = _categories(distinct.dictionary, column)
        return words.cast(pa.string()).take(distinct.indices), np.zeros(len(cells), dtype=bool)
    if len(distinct.dictionary) > len(cells) * FEW_DISTINCT:
        return typed_array(_series(cells), column)
    found, unfit = typed_array(_series(distinct.dictionary), column)
    places = distinct.indices.fill_null(len(unfit)).to_numpy(zero_copy_only=False)
    return found.take(distinct.indices), np.append(unfit, False)[places]


def _series(cells: pa.Array) -> pd.Series:
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([cells])))


def _is_text(values: pd.Series) -> bool:
    """Whether the cells are texts in the source. A Parquet decimal becomes a text here, but has no marks."""
    if values.dtype == object:
        return str(pd.api.types.infer_dtype(values, skipna=True)) == "string"
    return bool(pd.api.types.is_string_dtype(values.dtype))


def _integers(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    stated, numbers, good = present(cells), np.zeros(len(cells), dtype="int64"), np.zeros(len(cells), dtype=bool)
    if pa.types.is_integer(cells.type):
        within = pc.less_equal(cells, pa.scalar(LARGEST_INTEGER, cells.type)) if cells.type == pa.uint64() else stated
        good = stated & np.asarray(pc.fill_null(within, False) if isinstance(within, pa.Array) else within, dtype=bool)
        numbers[good] = cells.filter(pa.array(good)).to_numpy(zero_copy_only=False).astype("int64")
    elif pa.types.is_floating(cells.type):
        floats = cells.to_numpy(zero_copy_only=False)
        good = stated & (np.floor(floats) == floats) & (np.abs(floats) < EXACT)
        numbers[good] = floats[good].astype("int64")
    elif not pa.types.is_boolean(cells.type):
        texts, stated = stated_texts(cells, column.missing)
        good = stated & matches(texts, INTEGER)
        numbers[good], exact = parse_integers(texts.filter(pa.array(good)))
        good[good] = exact
    missing = ~stated | (good & np.isin(numbers, integer_markers(column.missing)))
    return pa.array(numbers, mask=missing | ~good), ~good & ~missing


def _numbers(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    stated, numbers = present(cells), np.full(len(cells), np.nan)
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        numbers = np.where(stated, cells.to_numpy(zero_copy_only=False), np.nan).astype("float64")
    elif not pa.types.is_boolean(cells.type):
        texts, stated = stated_texts(cells, column.missing)
        good = stated & matches(texts, NUMBER)
        numbers[good] = parse_numbers(texts.filter(pa.array(good)))
    missing = ~stated | np.isin(numbers, number_markers(column.missing))
    bad = ~missing & ~np.isfinite(numbers)
    return pa.array(numbers, mask=missing | bad), bad


def _categories(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    texts, stated = stated_texts(cells, column.missing, frozenset({""}))
    infinite = stated & _infinite(cells)
    distinct = texts.dictionary_encode()
    words = pa.array(category_words(distinct.dictionary.to_pylist(), column.categories), pa.string())
    places = pc.if_else(pa.array(stated & ~infinite), distinct.indices, pa.scalar(None, pa.int32()))
    return pa.DictionaryArray.from_arrays(places, words), infinite


def _texts(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    texts, stated = stated_texts(cells, column.missing, frozenset({""}))
    long = pc.greater(pc.utf8_length(texts), column.longest).fill_null(False).to_numpy(zero_copy_only=False)
    bad = stated & (np.asarray(long, dtype=bool) | _infinite(cells))
    return pc.if_else(pa.array(stated & ~bad), texts, pa.scalar(None, texts.type)), bad


def _infinite(cells: pa.Array) -> np.ndarray:
    """Return the (n,) mask of the numbers that are not finite. It also has nulls of numbers."""
    if not pa.types.is_floating(cells.type):
        return np.zeros(len(cells), dtype=bool)
    return np.asarray(~np.isfinite(cells.to_numpy(zero_copy_only=False)))


_READERS = {"integer": _integers, "number": _numbers, "category": _categories, "text": _texts}


def _dates(values: pd.Series, column: Column) -> tuple[np.ndarray, np.ndarray]:
    native = native_dates(values)
    cells, not_single = cells_of(values.astype(object).mask(native, None) if native.any() else values)
    texts, stated = stated_texts(cells, column.missing)
    form = pattern(column.format, column.type)
    found, good = parse_dates(texts, form)
    found[native], good[native] = moments(values[native], column.type)
    markers, _ = parse_dates(pa.array([marker.strip() for marker in column.missing], pa.large_string()), form)
    missing = ~(stated | native | not_single) | (good & np.isin(found, markers))
    found[missing | ~good] = np.datetime64("NaT")
    return found, ~good & ~missing


def out_of_bounds(values: pd.Series, column: Column) -> pd.Series:
    """Return the (n,) mask of typed values that are null but not nullable, out of range, or not a known category."""
    there = values.notna()
    bad = pd.Series(False, index=values.index) if column.nullable else ~there
    if column.categories is not None:
        bad |= there & ~values.isin(column.categories)
    if column.minimum is not None:
        bad |= (values < _bound(column.minimum)).fillna(False).astype(bool)
    if column.maximum is not None:
        bad |= (values > _bound(column.maximum)).fillna(False).astype(bool)
    return bad


def _bound(limit: float | datetime) -> float | datetime:
    """Return a whole limit as an int, which compares exactly with integers beyond 2^53."""
    return int(limit) if not isinstance(limit, datetime) and float(limit).is_integer() else limit
