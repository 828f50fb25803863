"""Widened limits."""

import pytest

from tasks.first_use_case.ranges import widened


@pytest.mark.parametrize(
    ("observed", "limits"),
    [
        ((0, 20), (0, 40)),
        ((15, 22), (0, 29)),
        ((-4.06, 3.51), (-12, 12)),
        ((-5, -1), (-9, 0)),
        ((1200, 98_765), (0, 200_000)),
        ((0.1, 0.9), (0, 1.7)),
        ((7, 7), (0, 14)),
        ((0, 0), (0, 1)),
    ],
)
def test_limits_are_widened_by_the_range_and_rounded_outwards(
    observed: tuple[float, float], limits: tuple[float, float]
) -> None:
    assert widened(*observed) == limits


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e9, 1e200])
def test_the_observed_values_are_always_within(scale: float) -> None:
    for low, high in ((-3.3, 7.7), (0.1, 0.3), (-2.0, -1.0)):
        least, most = widened(low * scale, high * scale)
        assert least <= low * scale
        assert high * scale <= most
