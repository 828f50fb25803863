"""Samples of the drift benchmark: kinds of columns, without drift and with planted shifts of three sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tabular.columns import ColumnType

Draw = Callable[[np.random.Generator, int, float], np.ndarray]
LEVELS = np.array([f"level {place}" for place in range(200)], dtype=object)
NEW_LEVELS = np.array([f"new {place}" for place in range(200)], dtype=object)
LETTERS = np.array(list("abcd"), dtype=object)


@dataclass(frozen=True)
class Kind:
    """A kind of column. `draw` draws rows with a shift; a shift of 0 is the reference's population."""

    type: ColumnType
    draw: Draw
    shifts: Mapping[str, float]
    """The planted shifts by what they do."""


def _numbers(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    return chance.normal(shift, size=rows)


def _counts(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    return np.where(chance.random(rows) < 0.08 + shift, chance.geometric(0.5, rows), 0.0)


def _constant(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    return np.where(chance.random(rows) < shift, 1.0, 0.0)


def _few(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    return np.asarray(chance.choice(LETTERS, rows, p=[0.5 - shift, 0.3, 0.15, 0.05 + shift]))


def _many(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    """Each category has the same share; a share `shift` of the categories is replaced by new ones."""
    replaced = int(len(LEVELS) * shift)
    return np.asarray(chance.choice(np.append(NEW_LEVELS[:replaced], LEVELS[replaced:]), rows))


def _missing(chance: np.random.Generator, rows: int, shift: float) -> np.ndarray:
    return np.where(chance.random(rows) < 0.03 + shift, np.nan, chance.normal(size=rows))


KINDS: dict[str, Kind] = {
    "numbers": Kind("number", _numbers, {"mean +0.25 sd": 0.25, "mean +0.5 sd": 0.5, "mean +1 sd": 1.0}),
    "counts, 92 % zeros": Kind("number", _counts, {"88 % zeros": 0.04, "82 % zeros": 0.10, "70 % zeros": 0.22}),
    "a constant": Kind("number", _constant, {"2 % another value": 0.02, "5 %": 0.05, "20 %": 0.2}),
    "4 categories": Kind("category", _few, {"5 % of the rows move": 0.05, "15 %": 0.15, "30 %": 0.3}),
    "200 categories": Kind("category", _many, {"5 % replaced": 0.05, "15 %": 0.15, "40 %": 0.4}),
    "3 % missing": Kind("number", _missing, {"6 % missing": 0.03, "12 %": 0.09, "25 %": 0.22}),
}


def pair(kind: str, sizes: tuple[int, int], shift: float, resample: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the reference and the scored rows of one resample: the same in each run."""
    chance = np.random.default_rng([list(KINDS).index(kind), *sizes, round(1_000 * shift), resample])
    draw = KINDS[kind].draw
    return draw(chance, sizes[0], 0.0), draw(chance, sizes[1], shift)
