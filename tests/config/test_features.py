"""Engineered features in a use case: their form, and the columns that they may be computed from."""

from typing import Any

import pytest

from config.use_case import UseCase
from tabular.engineered_features import Engineered
from tests.config.test_consistency import COLUMNS, expect, mistakes
from tests.use_cases import small_use_case

DERIVED = {"old": {"type": "category", "expression": "age > 20"}, "more": {"type": "number", "expression": "age + id"}}


def use_case(*features: Any) -> UseCase:
    return small_use_case(columns=COLUMNS, derived=DERIVED, features=list(features))


def test_a_feature_is_a_column_or_is_computed_from_columns_which_are_inputs() -> None:
    case = use_case(
        "age",
        {"name": "bin", "bins": {"of": "more", "count": 5}},
        {"name": "both", "interaction": ["colour", "old"]},
        {"name": "mean", "target_encoding": {"of": ["colour", "old"], "smoothing": 20}},
        {"name": "often", "count": {"of": "colour"}},
    )
    assert case.plain_features == ("age",)
    assert case.inputs == ("age", "more", "colour", "old")
    assert case.request_columns == ("age", "id", "colour")
    assert [each.declared for each in case.engineered] == [
        Engineered(name="bin", kind="bins", of=("more",), count=5, by="quantile"),
        Engineered(name="both", kind="interaction", of=("colour", "old")),
        Engineered(name="mean", kind="target_encoding", of=("colour", "old"), smoothing=20),
        Engineered(name="often", kind="count", of=("colour",)),
    ]


@pytest.mark.parametrize(
    ("feature", "mistake"),
    [
        ({"name": "age", "count": {"of": "colour"}}, "features: expected names that no column has, found 'age' again"),
        ({"name": "old", "count": {"of": "colour"}}, "features: expected names that no column has, found 'old' again"),
        ({"name": "row", "count": {"of": "colour"}}, "features: expected a name that VishwaOps does not use itself"),
        ({"name": "n", "count": {"of": "color"}}, "found 'color' (did you mean 'colour'?)"),
        ({"name": "n", "count": {"of": "age"}}, "features.n: expected category for count, found the integer 'age'"),
        (
            {"name": "n", "bins": {"of": "colour", "count": 3}},
            "expected integer or number for bins, found the category",
        ),
        ({"name": "n", "interaction": ["colour", "day"]}, "expected category for interaction, found the date 'day'"),
        ({"name": "n", "interaction": ["colour", "colour"]}, "features.n: expected each column once, found 'colour'"),
        ({"name": "n", "interaction": ["colour"]}, "at least 2 items"),
        ({"name": "n", "target_encoding": {"of": "passed"}}, "expected no column that the target is computed from"),
        ({"name": "n", "bins": {"of": "age"}}, "expected either count or edges; found neither"),
        ({"name": "n", "bins": {"of": "age", "count": 3, "edges": [1]}}, "expected either count or edges; found both"),
        ({"name": "n", "bins": {"of": "age", "edges": [2, 1]}}, "expected edges in rising order, found 2, 1"),
        ({"name": "n"}, "expected name and one of bins, interaction, count, target_encoding; found none"),
        ({"name": "n", "count": {"of": "colour"}, "interaction": ["colour", "old"]}, "found interaction and count"),
        ({"name": "n", "target_encoding": {"of": "colour", "smoothing": -1}}, "greater than or equal to 0"),
    ],
)
def test_a_feature_that_is_computed_from_something_else_is_refused(feature: dict[str, Any], mistake: str) -> None:
    expect(mistake, columns=COLUMNS, derived=DERIVED, features=["age", feature])


def test_two_features_have_two_names() -> None:
    count = {"name": "n", "count": {"of": "colour"}}
    found = mistakes(columns=COLUMNS, features=["age", count, count])
    assert any("features: expected each column once, found 'n' again" in line for line in found)
