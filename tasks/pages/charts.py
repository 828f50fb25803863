"""Charts of figures over time, and of two distributions, in the coordinates of an SVG.

The templates draw them with the page's own styles, so they follow its colours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

WIDTH, HEIGHT = 360.0, 130.0
"""The size of a chart, in units of the SVG: pixels on a telephone."""
LEFT, RIGHT, TOP, BOTTOM = 44.0, 8.0, 8.0, 18.0
"""The room for the labels."""
TICKS = 3
YEARLY = timedelta(days=200)
"""From this length on, times have the year, and no day."""


@dataclass(frozen=True)
class Point:
    """A value at a time, with its interval if it has one."""

    time: datetime
    value: float
    low: float | None = None
    high: float | None = None
    title: str = ""


@dataclass(frozen=True)
class Series:
    """The values of one line, in the order of time. `style` is its CSS class."""

    style: str
    points: Sequence[Point]
    dots: bool = False


@dataclass(frozen=True)
class Dot:
    """A point in the coordinates of the SVG. `low` and `high` are the ends of its interval."""

    style: str
    x: float
    y: float
    title: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class TimeChart:
    """Lines over time."""

    lines: Sequence[tuple[str, str]]
    """The style, and the points as an SVG polyline has them."""
    dots: Sequence[Dot]
    levels: Sequence[tuple[str, float]]
    """The style and the height of horizontal lines."""
    x_ticks: Sequence[tuple[float, str, str]]
    """The place, the text and its anchor."""
    y_ticks: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    base: float = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Scale:
    """Maps times and values to the coordinates of a chart."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, moment: datetime) -> float:
        """The place of a time."""
        seconds = max((self.until - self.since).total_seconds(), 1.0)
        return LEFT + (WIDTH - LEFT - RIGHT) * (moment - self.since).total_seconds() / seconds

    def y(self, value: float) -> float:
        """The height of a value."""
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - self.low) / (self.high - self.low)


def time_chart(
    series: Sequence[Series],
    span: tuple[datetime, datetime],
    *,
    levels: Sequence[tuple[str, float]] = (),
    from_zero: bool = False,
    gap: timedelta = timedelta(days=3),
) -> TimeChart:
    """Return the chart of some series between two times. A line is interrupted where points are further apart than
    `gap`. `levels` are horizontal lines: style and value.
    """
    low, high = _bounds([*_values(series), *(value for _, value in levels)], from_zero=from_zero)
    scale = Scale(*span, low, high)
    return TimeChart(
        lines=[(each.style, _polyline(part, scale)) for each in series for part in _parts(each.points, gap)],
        dots=[_dot(each.style, point, scale) for each in series if each.dots for point in each.points],
        levels=[(style, scale.y(value)) for style, value in levels],
        x_ticks=_days(scale),
        y_ticks=[(scale.y(value), short(value)) for value in _ticks(low, high)],
    )


def _values(series: Sequence[Series]) -> Iterator[float]:
    for point in (point for each in series for point in each.points):
        yield from (each for each in (point.value, point.low, point.high) if each is not None)


def _bounds(values: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = min(low, 0.0) if from_zero else low
    if high > low:
        room = 0.05 * (high - low)
        return low - (0 if from_zero else room), high + room
    return (low, low + 1.0) if from_zero or not low else (low - abs(low) / 10, low + abs(low) / 10)


def _dot(style: str, point: Point, scale: Scale) -> Dot:
    ends = [None if end is None else scale.y(end) for end in (point.low, point.high)]
    return Dot(style, scale.x(point.time), scale.y(point.value), point.title, *ends)


def _polyline(points: Sequence[Point], scale: Scale) -> str:
    return " ".join(f"{scale.x(point.time):.1f},{scale.y(point.value):.1f}" for point in points)


def _parts(points: Sequence[Point], gap: timedelta) -> Iterator[Sequence[Point]]:
    """Yield the runs of points without a gap, of two points at least."""
    ends = [place for place, (one, other) in enumerate(pairwise(points), 1) if other.time - one.time > gap]
    for first, end in pairwise([0, *ends, len(points)]):
        if end - first > 1:
            yield points[first:end]


def short(value: float) -> str:
    """A value as a short text."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _ticks(low: float, high: float) -> list[float]:
    return [low + (high - low) * part / (TICKS - 1) for part in range(TICKS)]


def _days(scale: Scale) -> list[tuple[float, str, str]]:
    length = scale.until - scale.since
    form = "%b %Y" if length > YEARLY else "%d %b" if length > timedelta(days=2) else "%H:%M"
    places = [(scale.since, "start"), (scale.since + length / 2, "middle"), (scale.until, "end")]
    return [(scale.x(moment), f"{moment:{form}}", anchor) for moment, anchor in places]
