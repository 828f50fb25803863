"""Plain JSON cells of a column: valid ones whose values need no conversion."""

import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from tabular.bounds import exact
from tabular.cells import EXACT
from tabular.columns import Column
from tabular.missing_markers import integer_markers, number_markers
from tabular.typed_cells import typed_texts

LARGEST_FLOAT = sys.float_info.max
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")


@dataclass(frozen=True)
class Limits:
    """The inclusive limits of plain numbers: those of the column, and those within which cells need no conversion."""

    integers: tuple[float, float]
    floats: tuple[float, float]
    markers: frozenset[float]
    """The numbers that mean a missing value."""


def limits(column: Column, largest: float) -> Limits:
    """Return the limits of a column of numbers. `largest` is the size of those that the model can compute with."""
    least, most = _bound(column.minimum, -math.inf), _bound(column.maximum, math.inf)
    integer = column.type == "integer"
    markers = integer_markers(column.missing).tolist() if integer else number_markers(column.missing)
    return Limits(
        (max(least, -EXACT + 1, -largest), min(most, EXACT - 1, largest)),
        (max(least, -LARGEST_FLOAT, -largest), min(most, LARGEST_FLOAT, largest)),
        frozenset(markers),
    )


def _bound(limit: object, default: float) -> float:
    return exact(limit) if isinstance(limit, int | float) else default


def plain_texts(column: Column, candidates: Iterable[str]) -> list[str]:
    """Return the candidates that are read as they are: no blanks, no markers, and no other spelling of a category."""
    texts = [text for text in (column.categories or candidates) if text.isprintable()]
    read, bad = typed_texts(pa.array(texts, pa.large_string()), column)
    return [
        text for text, found, unfit in zip(texts, read.to_pylist(), bad, strict=True) if found == text and not unfit
    ]


def plain_codes(texts: Iterable[str]) -> dict[int, str]:
    """Return the texts that are whole numbers by that number: JSON may have 1 for the category `1`."""
    codes = {
        text: int(text) for text in texts if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 16
    }
    return {code: text for text, code in codes.items() if str(code) == text}


def plain_date(text: str, is_date: bool) -> datetime | None:
    """Return a date, or a time to the second without an offset, that is written in ISO 8601; None for other texts."""
    if not (_DATE if is_date else _DATETIME).fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
