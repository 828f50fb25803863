"""The drift of a feature between two stored profiles."""

from dataclasses import dataclass

import numpy as np

from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile

BINS = 10
CONFIDENCE = 0.999
SMALLEST_SHARE = 1e-4
"""Replaces the share of an empty bin: PSI needs its logarithm."""


@dataclass(frozen=True)
class Psi:
    """A feature's population stability index between two profiles."""

    value: float
    noise: float
    """The noise level: the PSI that chance alone may give for samples of this size."""


def psi(reference: NumberProfile | CategoryProfile, scored: NumberProfile | CategoryProfile) -> Psi:
    """Return the PSI of a feature and its noise level. A PSI of 0 means no drift.

    Σ (scored − reference) · ln(scored / reference) over the shares in the bins between the reference's deciles, or in
    its categories, with missing values as one more bin (Siddiqi 2006, Credit Risk Scorecards). Without any drift,
    samples of n and m rows in B bins give (1/n + 1/m) · χ²(B − 1) (Yurdakul and Naranjo 2020, Statistical properties
    of the population stability index): the noise is that distribution's quantile at CONFIDENCE:
    2 · P⁻¹(degrees / 2, CONFIDENCE), with P the regularised lower incomplete gamma function.

    Raises ValueError when one profile is of numbers and the other of categories.
    """
    from scipy.special import gammaincinv  # scipy.stats takes a second to import

    expected, found = (np.maximum(part, SMALLEST_SHARE) for part in _shares(reference, scored))
    occupied = int(np.count_nonzero((expected > SMALLEST_SHARE) | (found > SMALLEST_SHARE)))
    spread = sum(1 / max(profile.count, 1) for profile in (reference, scored))
    return Psi(
        value=float(np.sum((found - expected) * np.log(found / expected))),
        noise=float(spread * 2 * gammaincinv(max(occupied - 1, 1) / 2, CONFIDENCE)),
    )


def _shares(
    reference: NumberProfile | CategoryProfile, scored: NumberProfile | CategoryProfile
) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(reference, NumberProfile) and isinstance(scored, NumberProfile):
        cuts = _cuts(reference)
        return _in_bins(reference, cuts), _in_bins(scored, cuts)
    if isinstance(reference, CategoryProfile) and isinstance(scored, CategoryProfile):
        categories = sorted({*reference.frequent, *scored.frequent})
        return _in_categories(reference, categories), _in_categories(scored, categories)
    raise ValueError(f"expected two profiles of one type of column, found {reference.type} and {scored.type}")


@dataclass(frozen=True)
class _Cut:
    """The boundary of two bins: just below a value, or just above it."""

    value: float
    above: bool


def _cuts(reference: NumberProfile) -> list[_Cut]:
    """Return a cut below each decile of the reference, and a second cut above a value that fills a bin alone.

    Without the second cut, larger values would fall into that value's bin, also when all reference rows are equal.
    """
    found = reference.distribution
    if found is None:
        return []
    deciles = sorted({found.quantile(rank / BINS) for rank in range(1, BINS)})
    return [
        _Cut(value, above)
        for value in deciles
        for above in (False, True)
        if not above or found.share_up_to(value) - found.share_below(value) >= 1 / BINS
    ]


def _in_bins(profile: NumberProfile, cuts: list[_Cut]) -> np.ndarray:
    """Return the share of the rows in each bin between the cuts, and of the rows without a value."""
    found = profile.distribution
    if found is None:
        return _with_missing(profile, np.zeros(len(cuts) + 1))
    shares = [found.share_up_to(cut.value) if cut.above else found.share_below(cut.value) for cut in cuts]
    return _with_missing(profile, np.diff([0.0, *shares, 1.0]))


def _in_categories(profile: CategoryProfile, categories: list[str]) -> np.ndarray:
    total = max(sum(profile.frequent.values()), 1)
    return _with_missing(profile, np.array([profile.frequent.get(name, 0) / total for name in categories]))


def _with_missing(profile: NumberProfile | CategoryProfile, shares: np.ndarray) -> np.ndarray:
    missing = profile.missing / max(profile.count, 1)
    return np.append(shares * (1 - missing), missing)
