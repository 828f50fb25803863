"""Keys: one text for a row's categories in one column or several. Missing values are part of it."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

NO_KEY = ""
"""A text that is no key."""


def key_of(texts: Sequence[str | None]) -> str:
    """Return the key of categories, with None for missing ones: the JSON list, which no other categories have."""
    return json.dumps(list(texts), ensure_ascii=False, separators=(",", ":"))


def texts_of(key: str) -> tuple[str | None, ...]:
    """Return the categories of a key."""
    return tuple(json.loads(key))


def distinct(codes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return which combinations the (n,) numbers of columns have, from 0.

    The first array has the place of one row with each of the k combinations, the second the (n,) combination of each
    row.
    """
    first, rows = np.arange(len(codes[0])), np.zeros(len(codes[0]), dtype="int64")
    for column in codes:
        width = int(column.max(initial=0)) + 1
        _, first, rows = np.unique(rows * width + column, return_index=True, return_inverse=True)
    return first, rows


def keys_of(codes: Sequence[np.ndarray], texts: Sequence[Sequence[Any]]) -> tuple[list[str], np.ndarray]:
    """Return the k keys of n rows, and the (n,) key of each row by its number.

    `codes` has the (n,) numbers of each column's categories, `texts` the category of each number, None for missing.
    """
    first, rows = distinct(codes)
    places = zip(*(column[first].tolist() for column in codes), strict=True)
    return [key_of([known[code] for known, code in zip(texts, row, strict=True)]) for row in places], rows
