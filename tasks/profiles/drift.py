"""The changes of a column between two stored profiles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tasks.profiles import bins, statistics
from tasks.profiles.bins import Binned, Cells, CommonValues
from tasks.profiles.statistics import Samples
from tasks.profiles.stored_profiles import CategoryProfile, ColumnProfile, NumberProfile

LEAST_SHARE = 0.01
"""A value is tested by itself when it may have this share of the smaller sample."""
NAMED = 3
"""The most values that a change names."""


@dataclass(frozen=True)
class Change:
    """One kind of change of a column, tested."""

    kind: str
    psi: float
    """The effect: PSI above chance."""
    p_value: float
    moved: str
    """What moved, as text."""
    statistic: float | None = None
    degrees: int | None = None


@dataclass(frozen=True)
class Comparison:
    """A column of n reference rows and m scored rows, compared."""

    changes: tuple[Change, ...]
    """Only what can be judged, and may have changed."""
    not_judged: tuple[str, ...]
    """What can't be judged, with the reason."""
    hellinger: float = 0.0
    kolmogorov_smirnov: float | None = None
    """For information. None for categories."""


def compare(reference: ColumnProfile, scored: ColumnProfile) -> Comparison:
    """Test each kind of change of a column: its distribution, single values, new categories, its range, missing values.

    The result depends on the rows only, not on their order, and is the same in each run.

    Raises ValueError when one profile is of numbers and the other of categories.
    """
    if isinstance(reference, NumberProfile) and isinstance(scored, NumberProfile):
        found = _numbers(reference, scored)
    elif isinstance(reference, CategoryProfile) and isinstance(scored, CategoryProfile):
        found = _categories(reference, scored)
    else:
        raise ValueError(f"expected two profiles of one type of column, found {reference.type} and {scored.type}")
    missing = tuple(_missing(reference, scored))
    return Comparison((*found.changes, *missing), found.not_judged, found.hellinger, found.kolmogorov_smirnov)


def _numbers(reference: NumberProfile, scored: NumberProfile) -> Comparison:
    before, after = reference.distribution, scored.distribution
    if not before or not after:
        return Comparison((), ())
    if not before.histogram or not after.histogram:
        which = "reference" if not before.histogram else "scored"
        return Comparison((), (f"distribution and range: the {which} profile is of version 1, without exact counts",))
    cells = bins.number_cells(before.histogram, after.histogram)
    binned = bins.number_bins(cells)
    changes = [*_distribution(cells, binned), *_single_value(cells), *_range(cells, before.minimum, before.maximum)]
    distances = statistics.hellinger(binned.samples), statistics.kolmogorov_smirnov(cells.samples)
    return Comparison(tuple(changes), (), *distances)


def _categories(reference: CategoryProfile, scored: CategoryProfile) -> Comparison:
    for which, each in (("reference", reference), ("scored", scored)):
        if not each.complete and not each.buckets:
            reason = f"the {which} profile is of version 1, without exact counts of so many categories"
            return Comparison((), (f"distribution and new categories: {reason}",))
    cells = bins.category_cells(reference, scored)
    if not cells.samples.n or not cells.samples.m:
        return Comparison((), ())
    binned = bins.category_bins(cells)
    new = _new_categories(bins.common_values(reference, scored), cells.samples.n, cells.samples.m)
    changes = [*_distribution(cells, binned), *_single_value(cells), *new]
    return Comparison(tuple(changes), (), statistics.hellinger(binned.samples))


def _distribution(cells: Cells, binned: Binned) -> Iterator[Change]:
    samples = binned.samples
    if len(samples.reference) < 2:
        return
    statistic, p_value = statistics.chi_square(samples)
    before, after = samples.shares
    most = int(np.argmax(np.abs(after - before)))
    text = f"{_named(cells, binned.of_cell == most)}: from {before[most]:.1%} to {after[most]:.1%} of the rows"
    effect = statistics.psi_above_chance(samples)
    yield Change("distribution", effect, p_value, text, statistic, len(samples.reference) - 1)


def _named(cells: Cells, inside: np.ndarray) -> str:
    places = np.flatnonzero(inside & (cells.samples.pooled > 0))
    if len(cells.low) and len(places) > 1:
        return bins.interval(cells.low[places[0]], cells.high[places[-1]])
    return _listed([cells.names[place] for place in places.tolist()])


def _single_value(cells: Cells) -> Iterator[Change]:
    """Test whether one value is more frequent than before: each value exactly, corrected for their number."""
    samples = cells.samples
    before, after = samples.shares
    tested = samples.pooled >= max(2, LEAST_SHARE * min(samples.n, samples.m))
    places = np.flatnonzero(tested & (after > before))
    total = samples.n + samples.m
    if not len(places) or total == samples.pooled.max():
        return
    p_value, least = statistics.least_upper_tail(samples.scored[places], samples.pooled[places], samples.m, total)
    effect, place = max((_against_the_rest(samples, int(each)), -int(each)) for each in places[least])
    text = f"{cells.names[-place]}: from {before[-place]:.1%} to {after[-place]:.1%} of the rows"
    yield Change("single value", effect, min(1.0, p_value * int(tested.sum())), text)


def _against_the_rest(samples: Samples, place: int) -> float:
    rows = samples.reference[place], samples.scored[place]
    return statistics.psi_above_chance(_two(rows[0], samples.n, rows[1], samples.m))


def _two(before: float, n: int, after: float, m: int) -> Samples:
    return Samples(np.array([before, n - before]), np.array([after, m - after]))


def _new_categories(common: CommonValues, n: int, m: int) -> Iterator[Change]:
    """Test the rows of new values among the common values. The effect is their share of all n and m rows."""
    samples = common.samples
    found, by_chance, p_value = statistics.rows_of_new_values(samples.reference, samples.scored)
    if not found:
        return
    rows, expected = (min(each / common.share, m) for each in (found, by_chance))
    effect = statistics.psi_above_chance(_two(expected / m * n, n, rows, m)) if rows > expected else 0.0
    new = np.flatnonzero((samples.reference == 0) & (samples.scored > 0))
    listed = _listed([common.names[place] for place in new[np.argsort(-samples.scored[new], kind="stable")]])
    about = "" if common.share == 1 else "about "
    yield Change("new categories", effect, p_value, f"new categories: {about}{rows:,.0f} rows ({listed})")


def _range(cells: Cells, minimum: float, maximum: float) -> Iterator[Change]:
    """Test whether rows are outside the reference's range.

    The p-value is the probability that the most extreme pooled rows, as many as are outside, are all scored rows.
    """
    samples = cells.samples
    below = int(samples.scored[cells.high < minimum].sum())
    above = int(samples.scored[cells.low > maximum].sum())
    if not below + above:
        return
    chance = statistics.all_scored(np.array([below, above]), samples.m, samples.n + samples.m)
    effect = statistics.psi_above_chance(_two(0, samples.n, below + above, samples.m))
    text = [f"{below:,} rows below {minimum:.6g}"] * bool(below) + [f"{above:,} rows above {maximum:.6g}"] * bool(above)
    yield Change("range", effect, min(1.0, 2 * float(chance.min())), f"range: {', '.join(text)}")


def _missing(reference: ColumnProfile, scored: ColumnProfile) -> Iterator[Change]:
    found, n, m = scored.missing, reference.count, scored.count
    pooled = reference.missing + found
    if not n or not m or not 0 < pooled < n + m:
        return
    p_value = statistics.two_tails(found, pooled, m, n + m)
    effect = statistics.psi_above_chance(_two(reference.missing, n, found, m))
    yield Change(
        "missing", effect, p_value, f"missing: from {reference.missing / n:.1%} to {found / m:.1%} of the rows"
    )


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(dict.fromkeys(names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
