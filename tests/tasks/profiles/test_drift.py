"""The PSI of stored profiles, compared with that of the values and that of whylogs' sketches."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.monitor import judge
from tasks.profiles.drift import psi
from tasks.profiles.sketches import Sketches, profile
from tests.tasks.profiles.profile_support import CHANCE, batches, categories, numbers
from tests.use_cases import small_use_case

TOLERANCE, ABSOLUTE_TOLERANCE = 0.05, 0.003
"""By how much a PSI from the stored document may differ from one from whylogs' sketches (tasks/README.md)."""


def whylogs_sketch(made: Sketches) -> Any:
    """The quantile sketch of the column `x`, read from whylogs' own format."""
    from whylogs.core.view import DatasetProfileView  # only once tasks.profiles.sketches has made it work with numpy 2

    return DatasetProfileView.deserialize(made.to_bytes()).get_column("x").get_metric("distribution").kll.value


def exact_psi(before: np.ndarray, after: np.ndarray) -> float:
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    shares = [np.bincount(np.searchsorted(edges, part), minlength=10) / len(part) for part in (before, after)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def sketched_psi(before: Any, after: Any) -> float:
    """PSI from whylogs' own sketches, without the stored document."""
    shares = []
    edges = np.unique(before.get_quantiles(list(np.linspace(0, 1, 11)[1:-1])))
    alone = [before.get_rank(edge, True) - before.get_rank(edge, False) >= 0.1 for edge in edges]
    for sketch in (before, after):
        cuts = [sketch.get_rank(e, above) for e, atom in zip(edges, alone, strict=True) for above in {False, atom}]
        shares.append(np.maximum(np.diff([0.0, *sorted(cuts), 1.0]), 1e-4))
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "stable"), (0.4, "warning"), (1.0, "drift")])
def test_psi_of_stored_profiles_is_that_of_the_values(shift: float, verdict: str) -> None:
    before, after = CHANCE.normal(size=20_000), CHANCE.normal(shift, size=20_000)
    found = psi(numbers(before), numbers(after))
    assert found.value == pytest.approx(exact_psi(before, after), rel=0.1, abs=0.005)
    assert judge(small_use_case().monitoring, found.value, found.noise) == verdict


@pytest.mark.parametrize("count", [400, 8_000])
@pytest.mark.parametrize("kind", ["normal", "few values", "skewed", "many zeros"])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_psi_of_stored_profiles_is_that_of_the_sketches(kind: str, shift: float, count: int) -> None:
    draw: Callable[[float], np.ndarray] = {
        "normal": lambda at: CHANCE.normal(at, size=count),
        "few values": lambda at: np.round(CHANCE.normal(at, size=count) * 2),
        "skewed": lambda at: np.exp(CHANCE.normal(at, size=count) * 2),
        "many zeros": lambda at: np.maximum(CHANCE.normal(at - 0.5, size=count), 0),
    }[kind]
    before, after = (profile(batches(x=draw(at)), {"x": "number"}) for at in (0.0, shift))
    stored = psi(before.summary().columns["x"], after.summary().columns["x"]).value
    expected = sketched_psi(whylogs_sketch(before), whylogs_sketch(after))
    assert stored == pytest.approx(expected, rel=TOLERANCE, abs=ABSOLUTE_TOLERANCE)


def test_a_value_that_was_rare_or_new_is_drift() -> None:
    assert psi(numbers(np.zeros(500)), numbers(np.ones(500))).value > 0.25
    mostly_zero = np.repeat([0.0, 1.0], [950, 50])
    assert psi(numbers(mostly_zero), numbers(mostly_zero)).value == 0
    assert psi(numbers(mostly_zero), numbers(1 - mostly_zero)).value > 1


def test_psi_of_categories_counts_missing_values_too() -> None:
    before, same = categories(["a"] * 60 + ["b"] * 40), categories(["b"] * 40 + ["a"] * 60)
    assert psi(before, same).value == pytest.approx(0, abs=1e-9)
    assert psi(before, categories(["a"] * 30 + ["b"] * 20 + [None] * 50)).value > 0.25
    assert psi(before, categories(["a"] * 60 + ["c"] * 40)).value > 0.25


def test_a_column_of_missing_values_differs_from_one_of_numbers() -> None:
    nothing, something = numbers(pa.nulls(50)), numbers(CHANCE.normal(size=50))
    assert (nothing.count, nothing.missing, nothing.distribution) == (50, 50, None)
    assert psi(nothing, nothing).value == 0
    assert psi(nothing, something).value > 1
    assert psi(something, nothing).value > 1


def test_numbers_are_not_compared_with_categories() -> None:
    with pytest.raises(ValueError, match="one type of column, found number and category"):
        psi(numbers([1.0]), categories(["1"]))


def test_few_rows_of_one_population_are_no_drift() -> None:
    verdicts = []
    for _ in range(60):
        found = psi(numbers(CHANCE.normal(size=400)), numbers(CHANCE.normal(size=100)))
        verdicts.append((judge(small_use_case().monitoring, found.value, found.noise), found.value > 0.1))
    assert sum(above for _, above in verdicts) > 20, "the noise is above the warning limit: that is why it is looked at"
    assert [verdict for verdict, _ in verdicts].count("stable") >= 58
