from typing import NamedTuple

import numpy as np
import pytest

from tasks.profiles.float_keys import keys_of, numbers_of
from tasks.profiles.number_histogram import LIMIT, HistogramBuilder
from tasks.profiles.prefix_bins import STORED


class Built(NamedTuple):
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray


def built(values: np.ndarray, batches: int = 1) -> Built:
    builder = HistogramBuilder()
    for part in np.array_split(values, batches):
        builder.add(*np.unique(part, return_counts=True))
    bins = builder.bins()
    return Built(*bins.numbers(), bins.rows)


def test_keys_have_the_order_of_their_numbers() -> None:
    values = np.array([-np.finfo(float).max, -1.5, -5e-324, 0.0, 5e-324, 1.0, 1.5, np.finfo(float).max])
    assert (np.diff(keys_of(values).astype(object)) > 0).all()
    assert numbers_of(keys_of(values)).tolist() == values.tolist()
    assert keys_of(np.array([-0.0])) == keys_of(np.array([0.0]))


def test_few_distinct_numbers_have_bins_of_their_own() -> None:
    values = np.repeat([-3.25, 0.0, 1.0, 1.0 + 1e-12, 1e300], [1, 90_000, 5, 7, 2])
    found = built(values, 3)
    assert found.low.tolist() == found.high.tolist() == [-3.25, 0.0, 1.0, 1.0 + 1e-12, 1e300]
    assert found.rows.tolist() == [1, 90_000, 5, 7, 2]


@pytest.mark.parametrize("spread", ["normal", "narrow", "wide"])
def test_the_bins_have_every_row_once_and_none_is_heavy(spread: str) -> None:
    draws = np.random.default_rng(1)
    values = {
        "normal": draws.normal(size=300_000),
        "narrow": draws.normal(1_000, 1, 300_000),
        "wide": np.append(draws.normal(1_000, 1, 299_000), np.exp(draws.normal(0, 9, 1_000))),
    }[spread]
    found = built(values)
    assert len(found.rows) <= 4 * STORED.bins
    assert found.rows.sum() == len(values)
    assert (found.low[1:] > found.high[:-1]).all()
    assert found.rows.max() < 0.02 * len(values)
    counted = np.searchsorted(np.sort(values), found.high, "right") - np.searchsorted(
        np.sort(values), found.low, "left"
    )
    assert counted.tolist() == found.rows.tolist()


def test_the_bins_do_not_depend_on_the_order_or_the_batches() -> None:
    values = np.random.default_rng(2).lognormal(0, 4, 150_000)
    assert len(np.unique(values)) > LIMIT
    one, other = built(values), built(values[::-1], 40)
    assert one.low.tolist() == other.low.tolist()
    assert one.rows.tolist() == other.rows.tolist()
