"""The median, the mean, the deviation and the cut points of numbers, which several ranks have a part of each."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import xgboost
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from tabular.collective import ALONE
from tabular.distributed.exact_sums import exact_sum
from tabular.distributed.numbers import NumberSummary, cut_points, summarize
from tabular.distributed.order import order_statistics
from tests.scripts.distributed.threads import on_ranks

KINDS = ("normal", "large", "tiny", "whole", "few", "negative", "skewed")


def column(kind: str, count: int = 4000) -> np.ndarray:
    """(n,) numbers of which a tenth is missing."""
    random = np.random.default_rng(len(kind))
    normal = random.normal(size=count)
    found = {
        "normal": normal,
        "large": normal * 1e12 + 1e15,
        "tiny": normal * 1e-200,
        "whole": random.integers(-500, 500, count).astype("float64"),
        "few": random.integers(0, 4, count).astype("float64"),
        "negative": -np.exp(normal),
        "skewed": np.where(random.random(count) < 0.8, 0.0, np.exp(3 * normal)),
    }[kind]
    return np.where(random.random(count) < 0.1, np.nan, found)


def parts(values: np.ndarray, *ends: int) -> list[np.ndarray]:
    return [values[first:last] for first, last in pairwise((0, *ends, len(values)))]


@pytest.mark.parametrize("kind", KINDS)
def test_three_ranks_learn_what_one_does_to_the_last_bit_and_scikit_learn_up_to_rounding(kind: str) -> None:
    values = column(kind)
    one = summarize(ALONE, values, 32)
    for each in on_ranks(parts(values, 7, 1500), lambda ranks, part: summarize(ranks, part, 32)):
        assert (each.median, each.moments, each.missing) == (one.median, one.moments, one.missing)
        assert np.array_equal(each.cuts, one.cuts)
    imputer = SimpleImputer(strategy="median")
    filled = imputer.fit_transform(values[:, None])
    scaler = StandardScaler().fit(filled)
    assert one.median == imputer.statistics_[0]
    assert one.moments.mean == pytest.approx(scaler.mean_[0], rel=1e-13)
    assert one.moments.scale.scale == pytest.approx(scaler.scale_[0], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [40, 1000])
def test_the_cut_points_are_those_of_xgboost_where_its_sketch_is_exact(kind: str, count: int) -> None:
    values = np.sort(column(kind, count)).astype("float32")
    values = values[~np.isnan(values)] + np.float32(0)
    cuts = cut_points(ALONE, values, 128)
    expected = xgboost.QuantileDMatrix(values[:, None], max_bin=128).get_quantile_cut()[1]
    reference = xgboost.QuantileDMatrix(cuts[:, None], max_bin=128)
    assert np.array_equal(reference.get_quantile_cut()[1], expected)


def test_a_sum_has_no_rounding_error() -> None:
    powers = 10.0 ** np.arange(-100, 100).repeat(10)
    values = np.concatenate([np.random.default_rng(1).normal(size=2000) * powers, [5e-324]])
    expected = sum(map(Fraction, values.tolist()))
    assert exact_sum(ALONE, values) == expected
    assert set(on_ranks(parts(values[::-1], 3, 900), exact_sum)) == {expected}


def test_the_place_of_a_value_is_found_among_the_values_of_all_ranks() -> None:
    values = np.array([-np.inf, -2.5, -0.1, 0.0, 0.0, 3e-310, 1.0, 7.0, np.inf])
    shares = [np.sort(values[::2]), np.sort(values[1::2]), values[:0]]
    for found in on_ranks(shares, lambda ranks, part: order_statistics(ranks, part, np.arange(9))):
        assert found.tolist() == values.tolist()


@pytest.mark.parametrize(
    ("values", "reason"),
    [([np.nan, np.nan], "empty"), ([3.0, 3.0], "constant"), ([3.0, np.nan], None), ([0.0, -0.0], "constant")],
)
def test_a_column_without_information_is_found_when_each_rank_has_one_row(
    values: list[float], reason: str | None
) -> None:
    def summary(ranks: object, part: np.ndarray) -> NumberSummary:
        return summarize(ranks, part, 16)  # type: ignore[arg-type]

    for found in on_ranks([np.array(values[:1]), np.array(values[1:])], summary):
        assert found.unusable == reason
