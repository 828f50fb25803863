"""Reads the compiled steps of engineered features from their fitted pipelines."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.compiled.one_hot_offsets import offsets
from tabular.engineered.keys import NO_KEY
from tabular.engineered.transformers import MISSING


def _bins(fitted: Any, columns: list[str], place: int) -> Binned:
    known, other, width = offsets(fitted["onehotencoder"], 0)
    edges = fitted["bins"].edges_.tolist()
    places = tuple(known.get(str(number), other) for number in range(len(edges) + 1))
    return Binned(columns[0], place, width, tuple(edges), places, known.get(MISSING, other))


def _interaction(fitted: Any, columns: list[str], place: int) -> Crossed:
    known, other, width = offsets(fitted["onehotencoder"], 0)
    return Crossed(tuple(columns), place, width, known, other)


def _table(fitted: Any, columns: list[str], place: int) -> Table:
    keys = fitted[1].keys_
    numbers = fitted[1:].transform(keys[:, None]).tolist()
    (unseen,) = fitted[1:].transform(np.array([[NO_KEY]], dtype=object)).tolist()
    return Table(tuple(columns), place, dict(zip(keys.tolist(), map(tuple, numbers), strict=True)), tuple(unseen))


READERS: dict[str, Callable[[Any, list[str], int], Binned | Crossed | Table]] = {
    "bins": _bins,
    "interaction": _interaction,
    "count": _table,
    "target_encoding": _table,
}
"""The reader of each kind of engineered feature: takes its pipeline, its columns, and its place in the matrix."""
