"""The distribution of a column in the live rows beside that of the reference, as bars of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.pages.charts import BOTTOM, HEIGHT, TOP, WIDTH
from tasks.profiles import bins
from tasks.profiles.bins import Cells
from tasks.profiles.stored_profiles import CategoryProfile, ColumnProfile, NumberProfile

SHOWN = 10
"""The most categories that have bars of their own."""
LEAST_ROWS = 5
"""A category with fewer rows in both profiles together is not named: it may be one person's."""
OTHERS = "other values"
LONGEST_NAME, LEAST_ROOM = 14, 45.0
"""The characters of a name, and the room for one, in units of the SVG."""


@dataclass(frozen=True)
class Pair:
    """The shares of one bin in both profiles, as bars. The bases are at `Bars.base`."""

    title: str
    x: float
    reference: float
    live: float
    """The heights."""


@dataclass(frozen=True)
class Bars:
    """The bars of a column."""

    pairs: Sequence[Pair]
    ticks: Sequence[tuple[float, str, str]]
    """The place, the text and its anchor."""
    bar: float
    """The width of a bar."""
    width: float = WIDTH
    height: float = HEIGHT
    base: float = HEIGHT - BOTTOM


def bars_of(reference: ColumnProfile, live: ColumnProfile) -> Bars | None:
    """Return the bars of a column; None when a profile has no values, or none that can be compared."""
    if isinstance(reference, NumberProfile) and isinstance(live, NumberProfile):
        return _numbers(reference, live)
    if isinstance(reference, CategoryProfile) and isinstance(live, CategoryProfile):
        return _categories(reference, live)
    return None


def _numbers(reference: NumberProfile, live: NumberProfile) -> Bars | None:
    before, after = reference.distribution, live.distribution
    if not (before and after and before.histogram and after.histogram):
        return None
    cells = bins.number_cells(before.histogram, after.histogram)
    binned = bins.number_bins(cells)
    ends = [_ends(cells, binned.of_cell == place) for place in range(len(binned.samples.reference))]
    names = [bins.interval(*each) for each in ends]
    ticks = (f"{ends[0][0]:.4g}", f"{ends[-1][1]:.4g}")
    return _bars(names, binned.samples.reference, binned.samples.scored, ticks)


def _ends(cells: Cells, inside: np.ndarray) -> tuple[float, float]:
    places = np.flatnonzero(inside)
    return float(cells.low[places[0]]), float(cells.high[places[-1]])


def _categories(reference: CategoryProfile, live: CategoryProfile) -> Bars | None:
    rows = {name: (reference.frequent.get(name, 0), live.frequent.get(name, 0)) for name in _named(reference, live)}
    others = [
        max(profile.count - profile.missing - sum(each[place] for each in rows.values()), 0)
        for place, profile in enumerate((reference, live))
    ]
    shown = {**rows, **({OTHERS: (others[0], others[1])} if any(others) else {})}
    if not shown:
        return None
    counts = np.array(list(shown.values()), float).T
    return _bars(list(shown), counts[0], counts[1])


def _named(reference: CategoryProfile, live: CategoryProfile) -> list[str]:
    pooled = {
        name: reference.frequent.get(name, 0) + live.frequent.get(name, 0)
        for name in {*reference.frequent, *live.frequent}
    }
    ordered = sorted(pooled, key=lambda name: (-pooled[name], name))
    return [name for name in ordered if pooled[name] >= LEAST_ROWS][:SHOWN]


def _bars(names: list[str], before: np.ndarray, after: np.ndarray, ends: tuple[str, str] | None = None) -> Bars | None:
    if not before.sum() or not after.sum():
        return None
    shares = np.array([before / before.sum(), after / after.sum()])
    room, heights = WIDTH / len(names), shares / shares.max() * (HEIGHT - BOTTOM - TOP)
    bar = min(room * 0.4, 26.0)
    pairs = [
        Pair(
            f"{name}: {shares[0, place]:.1%} of the reference, {shares[1, place]:.1%} of the live rows",
            room * (place + 0.5) - bar,
            float(heights[0, place]),
            float(heights[1, place]),
        )
        for place, name in enumerate(names)
    ]
    return Bars(pairs, _ticks(names, room, ends), bar)


def _ticks(names: list[str], room: float, ends: tuple[str, str] | None) -> list[tuple[float, str, str]]:
    if ends:
        return [(0.0, ends[0], "start"), (WIDTH, ends[1], "end")]
    if room < LEAST_ROOM:  # the names would cover each other
        return [(0.0, _short(names[0], LONGEST_NAME), "start"), (WIDTH, _short(names[-1], LONGEST_NAME), "end")]
    longest = min(int(room / 6.5), LONGEST_NAME)
    return [(room * (place + 0.5), _short(name, longest), "middle") for place, name in enumerate(names)]


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
