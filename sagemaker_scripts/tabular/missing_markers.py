"""Markers: the texts that mean a missing value, in every column or in one."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.cells import INTEGER, NUMBER, matches, parse_integers, present, texts_of

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>"})
"""The texts of a missing number, in any case. In a category, only the empty text is missing."""


def stated_texts(
    cells: pa.Array, markers: Sequence[str], usual: frozenset[str] = MISSING
) -> tuple[pa.Array, np.ndarray]:
    """Return the (n,) cells as texts, and the mask of those that are neither null nor one of the markers."""
    texts = texts_of(cells)
    own = [marker.strip().lower() for marker in markers]
    lower = pc.utf8_lower(texts)
    missing = pc.is_in(lower, pa.array([*usual, *own], pa.large_string()))
    if own:  # pandas writes -9 as -9.0 in a column with missing values
        codes = pc.replace_substring_regex(lower, r"^(-?[0-9]+)\.0$", r"\1")
        missing = pc.or_(missing, pc.is_in(codes, pa.array(own, pa.large_string())))
    return texts, present(texts) & ~np.asarray(missing.to_numpy(zero_copy_only=False), dtype=bool)


def number_markers(markers: Sequence[str]) -> list[float]:
    """The numbers among the markers."""
    return [float(marker) for marker in markers if re.match(NUMBER, marker.strip())]


def integer_markers(markers: Sequence[str]) -> np.ndarray:
    """The whole numbers among the markers, of 64 bits."""
    texts = pa.array([marker.strip() for marker in markers], pa.large_string())
    values, exact = parse_integers(texts.filter(pa.array(matches(texts, INTEGER))))
    return np.asarray(values[exact])
