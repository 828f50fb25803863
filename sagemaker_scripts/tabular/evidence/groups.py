"""The groups of rows by one column. Their names are declared, so none shows a value of a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MISSING, OTHER = "missing", "other values"
"""The groups of rows without a value, and with one that is not declared."""


@dataclass(frozen=True)
class Groups:
    """Which of the groups each of n rows is in."""

    names: tuple[str, ...]
    numbers: np.ndarray
    """(n,) places in `names`."""

    @property
    def counts(self) -> np.ndarray:
        """The (groups,) rows of each."""
        return np.bincount(self.numbers, minlength=len(self.names))


def groups_of(declared: Mapping[str, Any], values: pa.Array) -> Groups:
    """Return the groups of (n,) values by `declared`: its `categories`, or the `borders` between ranges of numbers.

    Groups without a row are left out.
    """
    if "borders" in declared:
        borders = np.asarray(declared["borders"], dtype="float64")
        numbers = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
        names, places = range_names(declared["borders"]), np.searchsorted(borders, numbers, side="right")
        places[np.isnan(numbers)] = len(names) + 1
    else:
        names = tuple(declared["categories"])
        texts = values.cast(pa.string())
        found = pc.fill_null(pc.index_in(texts, pa.array(names, pa.string())), len(names)).to_numpy(
            zero_copy_only=False
        )
        places = np.where(texts.is_null().to_numpy(zero_copy_only=False), len(names) + 1, found)
    return _present((*names, OTHER, MISSING), places)


def range_names(borders: Sequence[float]) -> tuple[str, ...]:
    """Return the names of the ranges below, between and from ascending borders."""
    between = [f"{low:g} to below {high:g}" for low, high in pairwise(borders)]
    return (f"below {borders[0]:g}", *between, f"{borders[-1]:g} and above")


def _present(names: Sequence[str], places: np.ndarray) -> Groups:
    kept, numbers = np.unique(places, return_inverse=True)
    return Groups(tuple(names[place] for place in kept), numbers)
