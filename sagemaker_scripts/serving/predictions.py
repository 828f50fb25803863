"""The predictions of a request's rows, and what else a response has."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tabular.calibration.threshold import decide
from tabular.checked import Problem

VERSION_VARIABLE = "MODEL_VERSION"
"""The variable of the environment with the version of the model package."""


@dataclass(frozen=True)
class Version:
    """Which model predicted."""

    digest: str
    version: str


def version_of(digest: str) -> Version:
    """Return the version of the model with a digest, with the version of the environment."""
    return Version(digest, os.environ.get(VERSION_VARIABLE, ""))


@dataclass(frozen=True)
class Reasons:
    """The largest contributions to each of n predictions, the largest first."""

    columns: tuple[str, ...]
    places: np.ndarray
    """(n, reasons) places of the columns in `columns`."""
    contributions: np.ndarray
    """(n, reasons) contributions, signed."""


@dataclass(frozen=True)
class Intervals:
    """The prediction intervals of n numbers."""

    coverage: float
    """The share of true values that they are made to have, from 0 to 1."""
    low: np.ndarray
    high: np.ndarray
    """(n,) ends, in the target's unit."""


@dataclass(frozen=True)
class Sets:
    """The prediction sets of n rows of classes."""

    coverage: float
    """The share of true classes that they are made to have, from 0 to 1."""
    members: np.ndarray
    """(n, classes) mask of the classes in each set, which is never empty."""


@dataclass(frozen=True)
class Predictions:
    """The predictions of n of `count` rows. The other rows have problems."""

    count: int
    classes: tuple[str, ...]
    output: np.ndarray
    """(n,) floats, or (n, classes) probabilities."""
    rows: np.ndarray | None = None
    """(n,) numbers of the rows; None if all rows are predicted."""
    problems: Mapping[int, Sequence[Problem]] = field(default_factory=dict)
    """The problems of each row without a prediction, by number."""
    reasons: Reasons | None = None
    version: Version | None = None
    threshold: float | None = None
    """The probability above which a row is of the second of two classes. None: the most probable class."""
    intervals: Intervals | Sets | None = None
    row_errors: bool = False
    """Whether the caller expects the problems of rows in the response, even if there are none."""

    @property
    def best(self) -> np.ndarray:
        """The (n,) places of the predicted classes: the most probable ones, or by the threshold."""
        return decide(self.output, self.threshold)
