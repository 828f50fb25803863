"""Decimal and thousands marks: reads numbers such as 1.234,5 or 1,234.5, and suggests the marks of a column."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.cells import NUMBER, matches

READINGS: tuple[tuple[str, str | None], ...] = ((",", None), (",", "."), (",", " "), (",", "'"), (".", ","), (".", " "))
"""Common decimal and thousands marks, for suggestions."""
SAMPLE = 500
"""The number of texts that are looked at first: they mostly leave one reading."""


def plain_numbers(texts: pa.Array, decimal: str, thousands: str | None) -> tuple[pa.Array, np.ndarray]:
    """Rewrite the (n,) texts that are numbers with these marks as numbers with a decimal point and no other mark.

    Returns the (n,) texts, and the (n,) mask of the texts that are a number only with other marks. Other texts do not
    change.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    fits = matches(trimmed, _pattern(decimal, thousands))
    digits = pc.replace_substring(trimmed, thousands, "") if thousands else trimmed
    plain = pc.replace_substring(digits, decimal, ".")
    return pc.if_else(pa.array(fits), plain, texts), ~fits & matches(trimmed, NUMBER)


def _pattern(decimal: str, thousands: str | None) -> str:
    whole = r"[0-9]+" + (rf"|[0-9]{{1,3}}({re.escape(thousands)}[0-9]{{3}})+" if thousands else "")
    mark = re.escape(decimal)
    return rf"^[+-]?(({whole})({mark}[0-9]*)?|{mark}[0-9]+)([eE][+-]?[0-9]+)?$"


def suggest(texts: Sequence[str]) -> str:
    """Return the YAML keys that make all of the unreadable `texts` numbers, or an empty text."""
    return " or ".join(_keys(decimal, thousands) for decimal, thousands in _fitting(texts))


def other_reading(read: Sequence[str], unread: Sequence[str]) -> str:
    """Return the YAML keys that make all texts of a column numbers and change the values of `read`, or an empty text.

    For example, `1.234` is read as 1.234. If `1.234,5` is in the same column, it means 1234.
    """
    fitting = _fitting([*read, *unread]) if unread else []
    if not any("." in text for text in read) or any(decimal == "." for decimal, _ in fitting):
        return ""
    return " or ".join(_keys(decimal, thousands) for decimal, thousands in fitting)


def marked(texts: Sequence[str]) -> list[str]:
    """Return the unreadable texts that are numbers with other marks."""
    cells = pa.array(texts, pa.large_string())
    trimmed, found = pc.utf8_trim_whitespace(cells), np.zeros(len(texts), dtype=bool)
    for decimal, thousands in READINGS:
        fits = matches(trimmed, _pattern(decimal, thousands))
        found |= fits if thousands is None else fits & _have(cells, thousands)
    return [texts[place] for place in np.flatnonzero(found).tolist()]


class ReadTexts:
    """Samples of a column's texts that were read as numbers. `other_reading` gives the same result as for all texts.

    Only a text with a point can mean another number. One text that does not fit a pair of marks rules the pair out.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._possible = list(READINGS)

    @property
    def complete(self) -> bool:
        """Whether more texts would not change what `other_reading` returns."""
        return all(decimal == "." for decimal, _ in self._possible)

    def add(self, texts: pa.Array) -> None:
        """Add the next (n,) texts."""
        for first, last in ((0, SAMPLE), (SAMPLE, len(texts))):
            if not self.complete:
                self._add(texts[first:last])

    def _add(self, texts: pa.Array) -> None:
        pointed = texts.filter(pa.array(_have(texts, ".")))
        if not len(pointed):
            return
        self.texts = self.texts or [pointed[0].as_py()]
        trimmed = pc.utf8_trim_whitespace(pointed)
        for reading in list(self._possible):
            misfits = np.flatnonzero(~matches(trimmed, _pattern(*reading)))
            if len(misfits):
                self.texts.append(pointed[misfits[0]].as_py())
                self._possible.remove(reading)


def _have(texts: pa.Array, mark: str) -> np.ndarray:
    """Return the (n,) mask of the texts with a mark. Nulls have none."""
    return np.asarray(pc.match_substring(texts, mark).fill_null(False).to_numpy(zero_copy_only=False))


def _fitting(texts: Sequence[str]) -> list[tuple[str, str | None]]:
    if not texts:
        return []
    trimmed = pc.utf8_trim_whitespace(pa.array(texts, pa.large_string()))
    used = [(decimal, mark) for decimal, mark in READINGS if mark is None or any(mark in text for text in texts)]
    return [reading for reading in used if matches(trimmed, _pattern(*reading)).all()]


def _keys(decimal: str, thousands: str | None) -> str:
    keys = [f'decimal: "{decimal}"'] if decimal != "." else []
    return "`" + ", ".join(keys + ([f'thousands: "{thousands}"'] if thousands else [])) + "`"
