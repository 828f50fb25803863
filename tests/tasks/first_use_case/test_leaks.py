"""Columns that tell the target."""

import numpy as np

from tasks.first_use_case.leaks import leak
from tests.tasks.first_use_case.guesses import guesses, target

CHANCE = np.random.default_rng(7)
SCORES = CHANCE.normal(50, 10, 300)


def texts(values: np.ndarray) -> list[str]:
    return [f"{value:.6g}" for value in values]


def why(name: str, values: list[str], y: list[str]) -> str:
    found = guesses(**{name: values, "y": y})
    return leak(found[0], target(found, "y"))


def test_a_copy_of_a_number_correlates_with_it_also_on_another_scale() -> None:
    assert why("points", texts(SCORES * 3 + 1), texts(SCORES)) == "correlates 1.000 with y"
    assert why("log", texts(np.exp(SCORES / 10)), texts(SCORES)) == "correlates 1.000 with y"


def test_a_good_feature_is_no_leak() -> None:
    assert why("points", texts(SCORES + CHANCE.normal(0, 4, 300)), texts(SCORES)) == ""


def test_a_category_that_determines_a_number_is_a_leak() -> None:
    band = [str(int(score) // 20) for score in SCORES]
    assert why("band", [f"band {each}" for each in band], [f"{each}.5" for each in band]) == "its values determine y"


def test_values_that_tell_the_class_are_a_leak() -> None:
    passed = ["yes" if score > 50 else "no" for score in SCORES]
    assert why("certificate", ["A" if each == "yes" else "B" for each in passed], passed).startswith("its values tell")
    half = ["A" if each == "yes" and number % 3 else "B" for number, each in enumerate(passed)]
    assert why("certificate", half, passed) == ""


def test_a_value_for_each_row_is_no_leak() -> None:
    classes = ["yes", "no"] * 150
    assert why("code", [f"c{number}" for number in range(300)], classes) == ""
