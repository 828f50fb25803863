"""The statistics, compared with SciPy's and with permutations."""

import numpy as np
import pytest
from scipy import stats

from tasks.profiles import statistics
from tasks.profiles.statistics import Samples


def test_tails_are_those_of_the_hypergeometric_distribution() -> None:
    for found, pooled, m, total in (
        (3, 3, 200, 800),
        (40, 53, 1_000, 101_000),
        (0, 5, 10, 20),
        (500, 900, 1_000, 2_000),
    ):
        expected = stats.hypergeom.sf(found - 1, total, pooled, m)
        assert statistics.upper_tail(found, pooled, m, total) == pytest.approx(expected, rel=1e-6)
    assert statistics.two_tails(50, 100, 100, 200) == 1


def test_the_least_of_many_tails_is_found_with_its_places() -> None:
    draws = np.random.default_rng(1)
    pooled = draws.integers(50, 2_000, 60)
    found = np.minimum(pooled, (pooled * 0.2 + draws.exponential(2, 60) * np.sqrt(pooled)).astype(int) + 1)
    tails = [
        statistics.upper_tail(*pair, 20_000, 100_000) for pair in zip(found.tolist(), pooled.tolist(), strict=True)
    ]
    least, places = statistics.least_upper_tail(np.append(found, found), np.append(pooled, pooled), 20_000, 100_000)
    assert least == pytest.approx(min(tails), rel=1e-6)
    assert places.tolist() == [int(np.argmin(tails)), int(np.argmin(tails)) + 60]


def test_chi_square_is_that_of_the_table() -> None:
    samples = Samples(np.array([60, 30, 10]), np.array([20, 20, 10]))
    expected = stats.chi2_contingency(np.array([samples.reference, samples.scored]), correction=False)
    assert statistics.chi_square(samples) == pytest.approx((expected.statistic, expected.pvalue))


def test_the_p_value_of_two_bins_is_exact() -> None:
    _, p_value = statistics.chi_square(Samples(np.array([590, 10]), np.array([188, 12])))
    assert p_value == pytest.approx(2 * stats.hypergeom.sf(11, 800, 22, 200))


def test_psi_of_one_population_is_on_average_its_chance() -> None:
    draws = np.random.default_rng(1)
    shares = np.full(10, 0.1)
    found = [
        statistics.psi(Samples(draws.multinomial(600, shares), draws.multinomial(200, shares))) for _ in range(400)
    ]
    assert np.mean(found) == pytest.approx(9 * (1 / 600 + 1 / 200), rel=0.1)


def test_the_chance_of_new_values_is_never_understated() -> None:
    draws = np.random.default_rng(1)
    p_values, found, expected = [], [], []
    for _ in range(400):
        rows = draws.zipf(1.5, 300)
        names, places = np.unique(rows, return_inverse=True)
        each = (np.bincount(part, minlength=len(names)) for part in (places[:200], places[200:]))
        new, chance, p_value = statistics.rows_of_new_values(*each)
        p_values.append(p_value)
        found.append(new)
        expected.append(chance)
    assert np.mean(found) == pytest.approx(np.mean(expected), rel=0.05)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.05


def test_holms_correction_keeps_the_order() -> None:
    assert statistics.holm(np.array([0.03, 0.001, 0.5])).tolist() == pytest.approx([0.06, 0.003, 0.5])
    assert statistics.holm(np.array([])).tolist() == []
