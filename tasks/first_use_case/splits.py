"""Guesses the split: by time where a date orders the rows, by group where rows repeat one, else at random."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from config.name_words import found_word, name_words
from tasks.first_use_case.guess import Guess

SHARE, SEED = 0.2, 7
ORDERED = 0.98
"""The least share of rows that are not before the row above them, in a column that orders the rows."""
LEAST_TIMES, LEAST_GROUPS = 5, 10
LEAST_ROWS = 1.5
"""The least mean number of rows of a group."""
RANDOM = {"by": "random", "seed": SEED, "validation": SHARE, "test": SHARE}


Choice = tuple[dict[str, Any], str]
"""The keys of a split, and the reason for it."""


def split_choices(guesses: Sequence[Guess], target: str) -> Iterator[Choice]:
    """Yield splits from the best to the one at random, which is always last."""
    usable = [guess for guess in guesses if guess.name != target and not guess.nullable]
    yield from _by_time(usable)
    yield from _by_group(usable)
    yield RANDOM, "no date orders the rows, and no column groups them"


def _by_time(guesses: Sequence[Guess]) -> Iterator[Choice]:
    for guess in filter(is_time, guesses):
        steps = np.diff(guess.values.astype("int64"))
        ordered = len(steps) and max((steps >= 0).mean(), (steps <= 0).mean()) >= ORDERED
        if ordered and guess.values.nunique() >= LEAST_TIMES:
            split = {"by": "time", "column": guess.name, "validation": SHARE, "test": SHARE}
            yield split, f"{guess.name} orders the rows: the latest rows are the test rows"


def is_time(guess: Guess) -> bool:
    """Whether a column has dates, or whole numbers under the name of a time."""
    named = guess.type == "integer" and found_word(guess.facts.header, name_words().times)
    return guess.type in ("date", "datetime") or bool(named)


def _by_group(guesses: Sequence[Guess]) -> Iterator[Choice]:
    for guess in guesses:
        groups, rows = guess.values.nunique(), len(guess.values)
        named = guess.type in ("integer", "category") and found_word(guess.facts.header, name_words().groups)
        if named and groups >= LEAST_GROUPS and rows / groups >= LEAST_ROWS:
            split = {"by": "group", "column": guess.name, "seed": SEED, "validation": SHARE, "test": SHARE}
            yield split, f"{rows:,} rows of {groups:,} {guess.name}: all rows of one are in the same part"
