"""The coordinates of charts."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.pages.charts import HEIGHT, LEFT, RIGHT, WIDTH, Point, Series, short, time_chart

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def points(*values: float) -> list[Point]:
    return [Point(START + place * DAY, value) for place, value in enumerate(values)]


def test_the_first_and_the_last_time_are_at_the_edges_and_a_larger_value_is_higher() -> None:
    chart = time_chart([Series("live", points(1, 3))], (START, START + DAY), from_zero=True)
    [(style, line)] = chart.lines
    (first, low), (last, high) = (map(float, each.split(",")) for each in line.split())
    assert (style, first, last) == ("live", LEFT, WIDTH - RIGHT)
    assert 0 < high < low < HEIGHT


def test_a_gap_interrupts_the_line_and_a_point_alone_has_none() -> None:
    found = [*points(1, 2), Point(START + 9 * DAY, 1), Point(START + 20 * DAY, 1), Point(START + 21 * DAY, 2)]
    assert len(time_chart([Series("live", found)], (START, START + 21 * DAY)).lines) == 2


def test_equal_values_and_no_value_have_a_scale() -> None:
    for series in ([Series("live", points(5, 5), dots=True)], [Series("live", points(0.0), dots=True)], []):
        chart = time_chart(series, (START, START + DAY))
        assert all(0 <= dot.y <= HEIGHT for dot in chart.dots)
        assert len({text for _, text in chart.y_ticks}) == 3


def test_levels_and_intervals_are_within_the_chart() -> None:
    point = Point(START, 0.5, 0.2, 0.9)
    chart = time_chart([Series("measured", [point], dots=True)], (START, START + DAY), levels=[("bad", 1.4)])
    [dot] = chart.dots
    assert dot.high is not None
    assert dot.low is not None
    assert 0 <= chart.levels[0][1] < dot.high < dot.y < dot.low < HEIGHT


@pytest.mark.parametrize(("length", "text"), [(0.5, "00:00"), (30, "01 Jan"), (365, "Jan 2026")])
def test_times_have_as_much_as_their_span_needs(length: float, text: str) -> None:
    assert time_chart([], (START, START + length * DAY)).x_ticks[0][1] == text


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (5040, "5.04k"), (2.5e6, "2.5M"), (-1500, "-1.5k")])
def test_a_value_is_short(value: float, text: str) -> None:
    assert short(value) == text
