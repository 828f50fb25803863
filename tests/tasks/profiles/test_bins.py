"""The bins in which two profiles are compared."""

import numpy as np

from tasks.profiles.bins import BINS, category_bins, category_cells, number_bins, number_cells
from tasks.profiles.statistics import LEAST_EXPECTED
from tasks.profiles.stored_profiles import CategoryProfile, Histogram, NumberProfile
from tests.tasks.profiles.profile_support import categories, numbers


def histogram(values: np.ndarray) -> Histogram:
    profile = numbers(values)
    assert isinstance(profile, NumberProfile)
    assert profile.distribution is not None
    assert profile.distribution.histogram is not None
    return profile.distribution.histogram


def counted(values: np.ndarray) -> CategoryProfile:
    profile = categories(values)
    assert isinstance(profile, CategoryProfile)
    return profile


def test_every_row_of_numbers_is_in_one_bin_and_each_bin_has_enough_rows() -> None:
    draws = np.random.default_rng(3)
    cells = number_cells(histogram(draws.normal(size=3_000)), histogram(draws.normal(size=1_000)))
    found = number_bins(cells).samples
    assert (found.reference.sum(), found.scored.sum()) == (3_000, 1_000)
    assert len(found.reference) == BINS
    assert found.expected.min() >= LEAST_EXPECTED


def test_a_frequent_number_has_a_bin_of_its_own() -> None:
    draws = np.random.default_rng(3)
    zeros = np.where(draws.random(4_000) < 0.3, 0.0, draws.normal(size=4_000))
    cells = number_cells(histogram(zeros), histogram(draws.normal(size=1_000)))
    binned = number_bins(cells)
    alone = binned.of_cell[cells.names.index("0")]
    assert (binned.of_cell == alone).sum() == 1
    assert binned.samples.reference[alone] == (zeros == 0).sum()


def test_rare_categories_share_bins_with_enough_rows() -> None:
    draws = np.random.default_rng(3)
    values = np.array([f"level {number}" for number in range(400)], dtype=object)
    cells = category_cells(counted(draws.choice(values, 600)), counted(draws.choice(values, 200)))
    found = category_bins(cells).samples
    assert (found.reference.sum(), found.scored.sum()) == (600, 200)
    assert found.expected.min() >= LEAST_EXPECTED
    assert len(found.reference) < 100
