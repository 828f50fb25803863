"""Markers of missing values."""

import numpy as np
import pytest

from tasks.first_use_case.markers import number_markers
from tests.tasks.first_use_case.guesses import guess


def numbers(*pairs: tuple[float, int]) -> list[float]:
    values, counts = zip(*pairs, strict=True)
    return number_markers(np.array(values, dtype=float), np.array(counts))


def test_a_number_that_stands_apart_is_a_marker() -> None:
    assert numbers((-200, 9), (-1.9, 1), (0.5, 2), (12, 3), (44.6, 1)) == [-200]
    assert numbers((0, 5), (3, 5), (12, 2), (27, 1), (999, 40)) == [999]


def test_a_negative_code_among_numbers_that_are_not_negative_is_a_marker() -> None:
    assert numbers((-9, 4), (0, 5), (1, 6), (2, 4)) == [-9]


@pytest.mark.parametrize(
    "pairs",
    [
        ((-1, 30), (0, 40), (1, 30), (2, 9)),  # a scale around zero
        ((90, 5), (95, 5), (97, 5), (99, 5)),  # grades that end at 99
        ((0, 5), (3, 5), (12, 2), (999, 1)),  # one outlier
        ((-200, 9), (-150, 9), (0, 9), (200, 9)),  # a range that includes it
    ],
)
def test_a_number_of_the_range_is_none(pairs: tuple[tuple[float, int], ...]) -> None:
    assert numbers(*pairs) == []


def test_a_column_with_markers_says_so_and_its_limits_leave_them_out() -> None:
    cells = [str(number % 40) for number in range(200)] + ["-200"] * 10 + ["?"] * 5
    found = guess("temperature", cells)
    assert (found.type, found.missing, found.nullable) == ("integer", ("?", "-200"), True)
    assert (found.minimum, found.maximum) == (0, 78)
    assert "missing: ? in 5 rows, -200 in 10 rows" in found.reasons
    assert any("-200" in why for why in found.to_check)


def test_one_word_among_numbers_is_a_marker_if_it_repeats() -> None:
    cells = [str(number) for number in range(100)]
    assert guess("x", [*cells, *["closed"] * 4]).missing == ("closed",)
    assert guess("x", [*cells, "closed"]).missing == ()


def test_none_and_unknown_are_categories_but_a_question_mark_is_missing() -> None:
    found = guess("fruit", ["none", "unknown", "apple", "?", "NA"] * 3)
    assert found.categories == ("apple", "none", "unknown")
    assert set(found.missing) == {"?", "NA"}
