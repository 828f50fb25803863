"""whylogs profiles of rows and the drift between two of them. The one module that knows whylogs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

np.unicode_ = np.str_  # type: ignore[attr-defined]  # whylogs 1.6 asks numpy 2 for a name that it has dropped

import whylogs as why  # noqa: E402
from whylogs.core import DatasetProfileView  # noqa: E402

BINS = 10
CONFIDENCE = 0.999
LEAST_SHARE = 1e-4
"""Stands in for an empty bin's share, whose logarithm PSI would take."""


@dataclass(frozen=True)
class Profile:
    """The sketches of n rows: no row, and no value of a sensitive column, is in it."""

    view: Any

    def to_bytes(self) -> bytes:
        """The profile as whylogs writes it."""
        return bytes(self.view.serialize())

    @classmethod
    def from_bytes(cls, content: bytes) -> "Profile":
        """Read what `to_bytes` wrote."""
        return cls(DatasetProfileView.deserialize(content))


def profile(frame: pd.DataFrame, features: Sequence[str]) -> Profile:
    """Sketch the (n, features) values."""
    return Profile(why.log(frame[list(features)].astype(dict.fromkeys(_texts(frame, features), object))).view())


def _texts(frame: pd.DataFrame, features: Sequence[str]) -> list[str]:
    return [name for name in features if not pd.api.types.is_numeric_dtype(frame[name])]


@dataclass(frozen=True)
class Psi:
    """A feature's population stability index between two profiles, and what chance alone may make of it."""

    value: float
    noise: float


def psi(reference: Profile, scored: Profile, feature: str, categorical: bool) -> Psi:
    """Measure how far a feature has moved: 0 when not at all.

    Σ (scored − reference) · ln(scored / reference) over the shares in ten bins of the reference's deciles, or in its
    categories, with missing values as one more bin (Siddiqi 2006, Credit Risk Scorecards). Without any drift, samples
    of n and m rows in B bins give (1/n + 1/m) · χ²(B − 1) (Yurdakul and Naranjo 2020, Statistical properties of the
    population stability index): the noise is that distribution's quantile at CONFIDENCE.
    """
    before, after = reference.view.get_column(feature), scored.view.get_column(feature)
    shares = _category_shares if categorical else _bin_shares
    expected, found = (np.maximum(part, LEAST_SHARE) for part in shares(before, after))
    occupied = int(np.count_nonzero((expected > LEAST_SHARE) | (found > LEAST_SHARE)))
    spread = sum(1 / max(column.get_metric("counts").n.value, 1) for column in (before, after))
    return Psi(
        value=float(np.sum((found - expected) * np.log(found / expected))),
        noise=float(spread * chi2.ppf(CONFIDENCE, max(occupied - 1, 1))),
    )


def _bin_shares(before: Any, after: Any) -> tuple[np.ndarray, np.ndarray]:
    sketch, later = before.get_metric("distribution").kll.value, after.get_metric("distribution").kll.value
    if sketch.is_empty():
        return _with_missing(before, np.zeros(1)), _with_missing(after, np.zeros(1))
    edges = np.unique(sketch.get_quantiles(list(np.linspace(0, 1, BINS + 1)[1:-1]))).tolist()
    empty = np.zeros(len(edges) + 1)
    return (
        _with_missing(before, np.asarray(sketch.get_pmf(edges))),
        _with_missing(after, empty if later.is_empty() else np.asarray(later.get_pmf(edges))),
    )


def _category_shares(before: Any, after: Any) -> tuple[np.ndarray, np.ndarray]:
    counts = [{item.value: item.est for item in _frequent(column)} for column in (before, after)]
    categories = sorted({name for part in counts for name in part})
    totals = [max(sum(part.values()), 1) for part in counts]
    shares = [
        np.array([part.get(name, 0) / total for name in categories]) for part, total in zip(counts, totals, strict=True)
    ]
    return _with_missing(before, shares[0]), _with_missing(after, shares[1])


def _frequent(column: Any) -> list[Any]:
    metric = column.get_metric("frequent_items")
    return list(metric.strings) if metric else []


def _with_missing(column: Any, shares: np.ndarray) -> np.ndarray:
    counts = column.get_metric("counts")
    rows = max(counts.n.value, 1)
    missing = counts.null.value / rows
    return np.append(shares * (1 - missing), missing)
