"""Synthetic students: rows of a world before and after it changes."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

CAMPUS = ("north", "south")
RIGHT = 0.95
"""The share of the rows whose label follows the rule. The others are noise."""

Rule = Callable[[pd.DataFrame], "pd.Series[bool]"]


def usual(rows: int, seed: int) -> pd.DataFrame:
    """Students with few or with many hours of practice; the hours decide who passes."""
    random = np.random.default_rng(seed)
    hours = random.choice([-2.0, 2.0], rows) + random.normal(0, 0.7, rows)
    return labelled(_frame(random, hours), lambda found: found["hours"] > 0, random)


def undecided(rows: int, seed: int) -> pd.DataFrame:
    """Students with hours between the two: attendance decides who passes."""
    random = np.random.default_rng(seed)
    return labelled(_frame(random, random.normal(0, 0.3, rows)), lambda found: found["attendance"] > 0, random)


def flipped_in_the_south(rows: int, seed: int) -> pd.DataFrame:
    """The usual students. In the south, those with few hours pass, and the others fail."""
    random = np.random.default_rng(seed)
    return labelled(usual(rows, seed), lambda found: (found["hours"] > 0) != (found["campus"] == "south"), random)


def mislabelled(rows: int, seed: int) -> pd.DataFrame:
    """The usual students, with the labels the wrong way round."""
    random = np.random.default_rng(seed)
    return labelled(usual(rows, seed), lambda found: found["hours"] <= 0, random)


def labelled(frame: pd.DataFrame, rule: Rule, random: np.random.Generator) -> pd.DataFrame:
    """The students with `passed` by the rule, and some noise."""
    passes = rule(frame).to_numpy() == (random.random(len(frame)) < RIGHT)
    return frame.assign(passed=np.where(passes, "yes", "no"))


def _frame(random: np.random.Generator, hours: "np.ndarray[Any, np.dtype[np.float64]]") -> pd.DataFrame:
    rows = len(hours)
    return pd.DataFrame(
        {
            "id": random.integers(1, 2**40, rows),
            "hours": hours.round(4),
            "attendance": random.normal(0, 1.5, rows).round(4),
            "campus": random.choice(CAMPUS, rows),
        }
    )


def csv(frame: pd.DataFrame) -> bytes:
    """The rows as a CSV file."""
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False)
    return buffer.getvalue().encode()
