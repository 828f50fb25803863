"""Finds the texts and numbers of a column that mean a missing value."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.missing_markers import MISSING
from tasks.first_use_case.guess import Facts

MARKERS = frozenset(
    {"?", "-", "--", "---", ".", "..", "*", "#n/a", "#na", "#null!", "n.a.", "n/k", "nil", "\\n", "(null)", "missing",
     "not available", "no data", "k.a.", "n.d.", "s/d", "x"}
)  # fmt: skip
"""Texts that mean a missing number, besides `tabular.missing_markers.MISSING`."""
IN_TEXTS = frozenset({"?", "na", "n/a", "nan", "null", "<na>", "#n/a", "#na", "\\n", "(null)", "n.a.", "."})
"""Texts that mean a missing category. `none` and `unknown` are categories."""
NEGATIVE = (-1, -9, -99, -200, -999, -9999, -99999, -8888)
NINES = (99, 999, 9999, 99999, 999999, 9999999)
LEAST = 3
"""The least number of cells with a number that means a missing value."""
UNKNOWN_SHARE = 0.05
"""The most cells that one unknown text among numbers may have to be a marker."""


def text_markers(facts: Facts, numeric: np.ndarray) -> tuple[str, ...]:
    """Return the markers among the texts of a column of numbers. `numeric` is the (distinct,) mask of its numbers.

    One unknown text that repeats, such as `closed`, is one as well.
    """
    others = [
        (text, count) for text, count, number in _rows(facts, numeric) if not number and text.lower() not in MISSING
    ]
    known = tuple(text for text, _ in others if text.lower() in MARKERS)
    unknown = [(text, count) for text, count in others if text.lower() not in MARKERS]
    if len(unknown) == 1 and unknown[0][1] >= LEAST:
        return (*known, unknown[0][0])
    return known


def category_markers(facts: Facts) -> tuple[str, ...]:
    """Return the markers among the texts of a category."""
    return tuple(text for text in facts.texts.to_pylist() if text.lower() in IN_TEXTS)


def _rows(facts: Facts, mask: np.ndarray) -> list[tuple[str, int, bool]]:
    return list(zip(facts.texts.to_pylist(), facts.counts.tolist(), mask.tolist(), strict=True))


def number_markers(numbers: np.ndarray, counts: np.ndarray) -> list[float]:
    """Return the numbers that stand apart from the others, and are written for a missing value, such as -200 and 999.

    `numbers` has the distinct numbers, `counts` their cells. A marker repeats. It is negative among numbers that are
    not, or its distance from the next number is more than the range of all others.
    """
    found: list[float] = []
    order = np.argsort(numbers)
    numbers, counts = numbers[order], counts[order]
    while len(numbers) > LEAST:
        if numbers[0] in NEGATIVE and counts[0] >= LEAST and _low(numbers):
            found, numbers, counts = [*found, numbers[0]], numbers[1:], counts[1:]
        elif numbers[-1] in NINES and counts[-1] >= LEAST and numbers[-1] - numbers[-2] > numbers[-2] - numbers[0]:
            found, numbers, counts = [*found, numbers[-1]], numbers[:-1], counts[:-1]
        else:
            break
    return found


def _low(numbers: np.ndarray) -> bool:
    apart = numbers[1] - numbers[0] > numbers[-1] - numbers[1]
    return bool(apart or (numbers[1] >= 0 and (numbers[0] != -1 or numbers[-1] >= 10)))


def without(facts: Facts, markers: tuple[str, ...]) -> np.ndarray:
    """Return the (distinct,) mask of the texts that are not markers."""
    lower = pc.utf8_lower(facts.texts)
    marked = pc.is_in(lower, pa.array([marker.lower() for marker in markers], pa.large_string()))
    return ~np.asarray(marked.to_numpy(zero_copy_only=False), dtype=bool)
