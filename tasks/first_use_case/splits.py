"""Guesses the split: by time where a date orders the rows, by group where rows repeat one, else at random."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from config.name_words import found_word, name_words
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.targets import TargetGuess

SHARE, SEED = 0.2, 7
ORDERED = 0.98
"""The least share of rows that are not before the row above them, in a column that orders the rows."""
LEAST_TIMES, LEAST_GROUPS = 5, 10
LEAST_ROWS = 1.5
"""The least mean number of rows of a group."""
RANDOM = {"by": "random", "seed": SEED, "validation": SHARE, "test": SHARE}


def guess_split(guesses: Sequence[Guess], target: TargetGuess) -> tuple[dict[str, Any], str]:
    """Return the keys of the split, and the reason."""
    stated = target.guess.values.notna()
    rejected = []
    for split, reason, parts in [*_by_time(guesses, target, stated), *_by_group(guesses, target, stated)]:
        if _have_every_class(target, stated, parts):
            return split, reason
        rejected.append(f"not by {split['column']}: a part would lack a class or rows")
    none = "no date orders the rows, and no column groups them"
    return RANDOM, "; ".join(rejected) or none


Choice = tuple[dict[str, Any], str, list[np.ndarray]]


def _by_time(guesses: Sequence[Guess], target: TargetGuess, stated: pd.Series) -> Iterator[Choice]:
    for guess in guesses:
        if guess.name == target.name or guess.nullable or not _is_time(guess) or guess.values.nunique() < LEAST_TIMES:
            continue
        times = guess.values.astype("int64").to_numpy()
        steps = np.diff(times)
        if len(steps) and max((steps >= 0).mean(), (steps <= 0).mean()) >= ORDERED:
            edges = np.quantile(times[stated], [1 - 2 * SHARE, 1 - SHARE])
            parts = [times < edges[0], (times >= edges[0]) & (times < edges[1]), times >= edges[1]]
            split = {"by": "time", "column": guess.name, "validation": SHARE, "test": SHARE}
            yield split, f"{guess.name} orders the rows: the latest rows are the test rows", parts


def _is_time(guess: Guess) -> bool:
    named = guess.type == "integer" and found_word(guess.facts.header, name_words().times)
    return guess.type in ("date", "datetime") or bool(named)


def _by_group(guesses: Sequence[Guess], target: TargetGuess, stated: pd.Series) -> Iterator[Choice]:
    for guess in guesses:
        word = found_word(guess.facts.header, name_words().groups)
        if guess.name == target.name or guess.nullable or not word or guess.type not in ("integer", "category"):
            continue
        groups = guess.values.nunique()
        if groups >= LEAST_GROUPS and len(guess.values) / groups >= LEAST_ROWS:
            split = {"by": "group", "column": guess.name, "seed": SEED, "validation": SHARE, "test": SHARE}
            numbers = pd.factorize(guess.values)[0] * 5 // groups
            parts = [numbers < 3, numbers == 3, numbers == 4]
            yield split, f"{len(guess.values):,} rows of {groups:,} {guess.name}: one value is in one part only", parts


def _have_every_class(target: TargetGuess, stated: pd.Series, parts: Sequence[np.ndarray]) -> bool:
    if target.classes is None:
        return all((part & stated).sum() >= 2 for part in parts)
    values = target.guess.values.astype(object)
    return all(set(target.classes) <= set(values[part & stated].astype(str)) for part in parts)
