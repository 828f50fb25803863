"""Markers: the texts that mean a missing value, in every column or in one."""

import re
from collections.abc import Sequence
from functools import lru_cache

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
    all_markers, own = _marker_sets(tuple(markers), usual)
    lower = pc.utf8_lower(texts)
    missing = pc.is_in(lower, all_markers)
    if len(own):  # pandas writes -9 as -9.0 in a column with missing values
        codes = pc.replace_substring_regex(lower, r"^(-?[0-9]+)\.0$", r"\1")
        missing = pc.or_(missing, pc.is_in(codes, own))
    return texts, present(texts) & ~np.asarray(missing.to_numpy(zero_copy_only=False), dtype=bool)


@lru_cache(maxsize=4096)
def _marker_sets(markers: tuple[str, ...], usual: frozenset[str]) -> tuple[pa.Array, pa.Array]:
    own = [marker.strip().lower() for marker in markers]
    return pa.array([*usual, *own], pa.large_string()), pa.array(own, pa.large_string())


@lru_cache(maxsize=4096)
def number_markers(markers: tuple[str, ...]) -> np.ndarray:
    """The numbers among the markers."""
    return np.array([float(marker) for marker in markers if re.match(NUMBER, marker.strip())], dtype="float64")


@lru_cache(maxsize=4096)
def integer_markers(markers: tuple[str, ...]) -> np.ndarray:
    """The whole numbers among the markers, of 64 bits."""
    texts = pa.array([marker.strip() for marker in markers], pa.large_string())
    values, exact = parse_integers(texts.filter(pa.array(matches(texts, INTEGER))))
    return np.asarray(values[exact])
