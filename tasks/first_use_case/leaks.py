"""Finds columns that tell the target: probably they are known only afterwards."""

import numpy as np
import pandas as pd

from tasks.first_use_case.columns import numbers_of
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.targets import TargetGuess

CORRELATION = 0.99
PURE = 0.995
"""The least share of rows whose class is the most frequent one of their value, in a column that tells the target."""
LEAST_ROWS = 5
"""The least mean number of rows of a value."""
MOST_BINS = 50


def leak(guess: Guess, target: TargetGuess) -> str:
    """Return why the column tells the target, or an empty text."""
    if target.task == "regression":
        return _correlation(guess, target) if guess.is_number else _explained(guess, target)
    values = _binned(guess) if guess.is_number else guess.values
    return _purity(values, target.guess.values)


def _correlation(guess: Guess, target: TargetGuess) -> str:
    pair = pd.DataFrame({"x": numbers_of(guess), "y": numbers_of(target.guess)}).dropna()
    if len(pair) < 2 * LEAST_ROWS or pair.nunique().min() < 3:
        return ""
    found = max(abs(pair.x.corr(pair.y)), abs(pair.x.rank().corr(pair.y.rank())))
    return f"correlates {found:.3f} with {target.name}" if found > CORRELATION else ""


def _explained(guess: Guess, target: TargetGuess) -> str:
    pair = pd.DataFrame({"x": guess.values.astype(object), "y": numbers_of(target.guess)}).dropna()
    if pair.empty or len(pair) / pair.x.nunique() < LEAST_ROWS or not pair.y.var():
        return ""
    within = (pair.y - pair.groupby("x").y.transform("mean")).pow(2).mean() / pair.y.var(ddof=0)
    return f"its values determine {target.name}" if within < 1 - CORRELATION else ""


def _binned(guess: Guess) -> pd.Series:
    numbers = pd.Series(numbers_of(guess))
    bins = min(MOST_BINS, max(2, len(numbers) // (2 * LEAST_ROWS)))
    if numbers.nunique() <= bins:
        return numbers
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, bins + 1)))
    return pd.Series(np.where(numbers.isna(), np.nan, np.searchsorted(edges, numbers, side="right")))


def _purity(values: pd.Series, classes: pd.Series) -> str:
    pair = pd.DataFrame({"x": values.astype(object).to_numpy(), "y": classes.astype(object).to_numpy()}).dropna()
    if pair.empty or len(pair) / pair.x.nunique() < LEAST_ROWS:
        return ""
    table = pd.crosstab(pair.x, pair.y)
    pure, naive = table.max(axis=1).sum() / len(pair), table.sum().max() / len(pair)
    return f"its values tell the class of {pure:.1%} of the rows" if pure >= PURE and naive < PURE - 0.05 else ""
