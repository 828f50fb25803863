"""Reads rows of JSON: {"instances": [{"feature": value, ...}, ...]}, or the list alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from serving.readers.exact_json import Repeated, Unread, parse
from serving.readers.request_rows import RequestRows, absent, objects, problems_per_row, require_row_count
from serving.rejected import LONGEST_SHOWN, bad_request
from tabular.checked import Problem
from tabular.columns import Column

WHOLE = '{"instances": [{"feature": value, ...}, ...]}'
MOST_SUGGESTED = 100
"""The most different sets of keys in a request for which a similar name is searched."""


def read(body: bytes | str, columns: Sequence[Column], most: int | None) -> RequestRows:
    """Read the rows of a body with the exact parser. `most` is the number of problems to collect, or None for all.

    Raises Rejected if the body is not JSON, or not a list of rows.
    """
    return rows_of(_instances(parse(body)), columns, most)


def rows_of(rows: list[Any], columns: Sequence[Column], most: int | None) -> RequestRows:
    """Return parsed rows as columns. Raises Rejected if their number is not valid."""
    require_row_count(len(rows))
    cells = None if Repeated in set(map(type, rows)) else _cells(rows, columns)
    if cells is not None:
        return RequestRows(len(rows), cells)
    features = {column.name: column for column in columns}
    sound = [number for number, row in enumerate(rows) if _is_sound(row, features)]
    cells = _cells([rows[number] for number in sound], columns) or {}
    return RequestRows(len(rows), cells, np.array(sound, dtype="int64"), _problems(rows, features, most))


def _cells(rows: Sequence[Any], columns: Sequence[Column]) -> dict[str, np.ndarray] | None:
    """Return the cells of each column; None if a row is not an object, or lacks a column."""
    names = [column.name for column in columns]
    try:
        values = [list(map(itemgetter(name), rows)) for name in names]
    except (KeyError, TypeError, IndexError):
        return None
    return dict(zip(names, map(objects, values), strict=True))


def _instances(content: Any) -> list[Any]:
    if isinstance(content, Repeated):
        raise bad_request(f"Body: expected each key once, found {content.name[:LONGEST_SHOWN]!r} more than once")
    rows = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise bad_request(f"Body: expected {WHOLE} or the list alone, found neither")
    return rows


def _is_sound(row: Any, features: Mapping[str, Column]) -> bool:
    return _is_object(row) and row.keys() >= features.keys()


def _problems(rows: Sequence[Any], features: Mapping[str, Column], most: int | None) -> tuple[Problem, ...]:
    found: list[Problem] = []
    per_row, absences = problems_per_row(len(rows)), _Absences(features)
    for number, row in enumerate(rows):
        if most is not None and len(found) >= most:
            break
        limit = per_row if most is None else most
        found += absences.of(number, row)[:limit] if _is_object(row) else [_malformed(number, row)]
    return tuple(found[:most])


class _Absences:
    """Finds the absent columns of rows. Rows with the same keys have the same ones."""

    def __init__(self, features: Mapping[str, Column]) -> None:
        self._features = features
        self._known: dict[frozenset[str], list[Problem]] = {}

    def of(self, number: int, row: Mapping[str, Any]) -> list[Problem]:
        """Return the problem of each absent column, for a row with this number."""
        if row.keys() >= self._features.keys():
            return []
        keys = frozenset(row)
        if keys not in self._known:
            self._remember(keys)
        return [replace(problem, row=number) for problem in self._known.get(keys, [])]

    def _remember(self, keys: frozenset[str]) -> None:
        others = keys - self._features.keys() if len(self._known) < MOST_SUGGESTED else frozenset[str]()
        lacking = [column for name, column in self._features.items() if name not in keys]
        self._known[keys] = list(absent(0, lacking, others))


def _is_object(row: Any) -> bool:
    return isinstance(row, dict) and not isinstance(row, Repeated)


def _malformed(number: int, row: Any) -> Problem:
    if isinstance(row, Repeated):
        return Problem(number, row.name[:LONGEST_SHOWN], "each key once", "it more than once")
    if isinstance(row, Unread):
        return Problem(number, "", "JSON", row.found)
    return Problem(number, "", 'an object {"feature": value, ...}', _kind(row))


def _kind(value: Any) -> str:
    kinds = {list: "a list", bool: "true or false", type(None): "null", str: "a text"}
    return kinds.get(type(value), "a number")
