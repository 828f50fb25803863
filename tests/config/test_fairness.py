from typing import Any, get_args

import pytest
from pydantic import ValidationError

from config.fairness import METRICS, ClassMetric, FairnessBound, NumberMetric, groups
from tabular.evidence.group_rates import between, class_rates, class_statistics, number_rates, number_statistics
from tabular.evidence.group_sums import group_sums
from tests.scripts.evidence.grouped import grouped
from tests.use_cases import small_use_case


def with_fairness(**fairness: Any) -> Any:
    """A use case that compares groups."""
    gates = [{"metric": "roc_auc", "at_least": 0.6}]
    return small_use_case(evaluation={"primary": "roc_auc", "gates": gates, "fairness": fairness})


def test_groups_are_the_categories_or_the_declared_ranges_of_columns_that_need_not_be_features() -> None:
    case = with_fairness(columns=["origin", "id"], ranges={"id": [10, 20]})
    assert groups(case) == {"origin": {"categories": ["here", "there"]}, "id": {"borders": [10.0, 20.0]}}
    assert groups(small_use_case()) == {}


@pytest.mark.parametrize(
    ("fairness", "message"),
    [
        ({"columns": []}, "fairness.columns"),
        ({"columns": ["origen"]}, "expected columns of the schema, found 'origen' .did you mean 'origin'"),
        ({"columns": ["origin", "origin"]}, "columns: expected each column once, found 'origin' again"),
        ({"columns": ["age"]}, r"ranges: expected the borders of the integer 'age', such as \[18, 25\]; found none"),
        ({"columns": ["passed"]}, "expected no column that the target is computed from, found 'passed'"),
        (
            {"columns": ["origin"], "ranges": {"origin": [1]}},
            "borders only of an integer or number, found the category",
        ),
        ({"columns": ["age"], "ranges": {"age": [25, 18]}}, "one border or more, ascending; found"),
        ({"columns": ["age"], "ranges": {"age": []}}, "one border or more, ascending; found"),
        ({"columns": ["origin"], "ranges": {"age": [18]}}, "ranges: expected only columns of .*, found 'age'"),
        (
            {"columns": ["origin"], "bounds": [{"metric": "rmse_difference", "at_most": 1}]},
            "bounds.0.metric: expected one of selection_rate_difference, .* for a binary target, found rmse_difference",
        ),
        (
            {"columns": ["origin"], "bounds": [{"metric": "accuracy_difference", "at_most": 1, "column": "age"}]},
            "bounds.0.column: expected one of origin, found 'age'",
        ),
    ],
)
def test_fairness_that_does_not_fit_the_use_case_is_refused(fairness: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        with_fairness(**fairness)


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        (
            {"metric": "accuracy_difference", "at_least": 0.1},
            "expected at_most for accuracy_difference; found at_least",
        ),
        ({"metric": "accuracy_ratio", "at_most": 0.8}, "expected at_least for accuracy_ratio; found at_most"),
        ({"metric": "accuracy_ratio"}, "expected at_least for accuracy_ratio; found neither"),
        ({"metric": "accuracy_ratio", "at_least": 0.8, "at_most": 0.9}, "found at_least and at_most"),
        ({"metric": "accuracy_ratio", "at_least": 1.5}, "less than or equal to 1"),
    ],
)
def test_a_difference_has_a_greatest_value_and_a_ratio_a_least(bound: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FairnessBound.model_validate(bound)


def test_every_metric_of_the_configuration_is_computed_and_the_other_way_round() -> None:
    binary, number = grouped(), grouped("regression")
    statistics = class_statistics(binary.truth, binary.decided, binary.output)
    zeros = binary.truth * 0
    assert between(class_rates(group_sums(statistics, zeros, 1))).keys() == set(get_args(ClassMetric))
    statistics = number_statistics(number.truth, number.output)
    assert between(number_rates(group_sums(statistics, zeros, 1))).keys() == set(get_args(NumberMetric))
    assert set(METRICS["multiclass"]) == set(get_args(ClassMetric))
