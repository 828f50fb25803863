import numpy as np
import pandas as pd
import pytest

from tasks.monitor import judge
from tasks.profiles import Profile, profile, psi
from tasks.references import FeatureDrift
from tests.use_cases import small_use_case

CHANCE = np.random.default_rng(3)


def exact_psi(before: np.ndarray, after: np.ndarray) -> float:
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    shares = [np.bincount(np.searchsorted(edges, part), minlength=10) / len(part) for part in (before, after)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "stable"), (0.4, "warning"), (1.0, "drift")])
def test_psi_of_the_sketches_is_that_of_the_values(shift: float, verdict: str) -> None:
    before, after = CHANCE.normal(size=20_000), CHANCE.normal(shift, size=20_000)
    reference, scored = (profile(pd.DataFrame({"x": part}), ["x"]) for part in (before, after))
    found = psi(reference, scored, "x", categorical=False)
    assert found.value == pytest.approx(exact_psi(before, after), rel=0.1, abs=0.005)
    assert judge(small_use_case().monitoring, found.value, found.noise) == verdict


def test_psi_of_categories_counts_missing_values_too() -> None:
    before = profile(pd.DataFrame({"c": ["a"] * 60 + ["b"] * 40}), ["c"])
    same = profile(pd.DataFrame({"c": ["b"] * 40 + ["a"] * 60}), ["c"])
    moved = profile(pd.DataFrame({"c": ["a"] * 30 + ["b"] * 20 + [None] * 50}), ["c"])
    assert psi(before, same, "c", categorical=True).value == pytest.approx(0, abs=1e-9)
    assert psi(before, moved, "c", categorical=True).value > 0.25


def test_a_profile_survives_being_written() -> None:
    made = profile(pd.DataFrame({"x": CHANCE.normal(size=500)}), ["x"])
    assert psi(made, Profile.from_bytes(made.to_bytes()), "x", categorical=False).value == pytest.approx(0, abs=1e-9)


def test_few_rows_of_one_population_are_no_drift() -> None:
    verdicts = []
    for _ in range(60):
        before, after = CHANCE.normal(size=400), CHANCE.normal(size=100)
        reference, scored = (profile(pd.DataFrame({"x": part}), ["x"]) for part in (before, after))
        found = psi(reference, scored, "x", categorical=False)
        verdicts.append((judge(small_use_case().monitoring, found.value, found.noise), found.value > 0.1))
    assert sum(above for _, above in verdicts) > 20, "the noise is above the warning limit: that is why it is looked at"
    assert [verdict for verdict, _ in verdicts].count("stable") >= 58


def test_a_psi_that_is_only_chance_is_shown_as_such() -> None:
    chance = FeatureDrift(feature="x", psi=0.366, noise=0.658, verdict="stable")
    moved = FeatureDrift(feature="x", psi=0.7, noise=0.658, verdict="drift")
    assert (chance.shown, moved.shown) == ("PSI 0.366 (chance alone gives up to 0.658)", "PSI 0.700")
