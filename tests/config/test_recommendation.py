"""The rules of `recommendation`, and the gates on its figures."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.recommendation import time_column
from config.use_case import UseCase, load_use_case
from tests.use_cases import small_use_case

GATES = [{"metric": "recommendation_regret", "at_most": 8}]


def with_rules(use_case: dict[str, Any] | None = None, **rules: Any) -> UseCase:
    """A use case in which colours are recommended to people by number."""
    return small_use_case(
        columns={
            "id": {"type": "integer", "minimum": 1},
            "age": {"type": "integer"},
            "colour": {"type": "category", "categories": ["green", "red"]},
            "origin": {"type": "category", "categories": ["here", "there"], "sensitive": True},
            "price": {"type": "number"},
            "day": {"type": "date"},
            "late": {"type": "date", "nullable": True},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        **{"recommendation": {"user": "id", "item": "colour", **rules}, **(use_case or {})},
    )


def test_what_is_not_written_has_a_default() -> None:
    rules = with_rules().recommendation
    assert rules
    assert (rules.item_features, rules.top, rules.available, rules.best) == ((), 5, "not_taken_before", "highest")


def test_rows_are_ordered_by_the_time_of_the_split_unless_another_is_named() -> None:
    by_day = {"split": {"by": "time", "column": "day", "validation": 0.2, "test": 0.2}}
    assert time_column(with_rules()) is None
    assert time_column(with_rules(by_day)) == "day"
    assert time_column(with_rules(by_day, time="age")) == "age"
    assert time_column(load_use_case("course_recommendation")) == "term"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"user": "idd"}, "recommendation.user: expected columns of the schema, found 'idd' .did you mean 'id'"),
        ({"item": "id"}, "recommendation.item: expected another column than the user's, found 'id'"),
        ({"item": "price"}, "recommendation.item: expected an integer, a category or a text, found the number 'price'"),
        ({"item": "origin"}, "item: expected a column that may be shown, found 'origin', which is sensitive"),
        ({"item": "passed"}, "item: expected no column that the target is computed from, found 'passed'"),
        ({"item_features": ["prise"]}, "item_features: expected columns of the schema, found 'prise'"),
        ({"item_features": ["age", "age"]}, "item_features: expected each column once, found 'age' again"),
        ({"item_features": ["id"]}, "item_features: expected columns other than user, item and target, found 'id'"),
        ({"time": "late"}, "columns.late.nullable: expected false, because recommendation.time needs it"),
        ({"time": "colour"}, "time: expected a date, datetime, integer or number, found the category 'colour'"),
        ({"top": 0}, "recommendation.top"),
    ],
)
def test_rules_that_do_not_fit_the_columns_are_refused(rules: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        with_rules(**rules)


def test_a_model_that_does_not_see_the_item_can_not_rank() -> None:
    with pytest.raises(ValidationError, match=r"features: expected colour or one of recommendation\.item_features"):
        with_rules({"features": ["age"]})
    assert with_rules({"features": ["age", "price"]}, item_features=["price"]).recommendation


def test_more_than_two_classes_have_no_order() -> None:
    classes = ["no", "yes", "maybe"]
    with pytest.raises(ValidationError, match="recommendation: expected a regression or a binary target"):
        small_use_case(
            columns={
                "id": {"type": "integer"},
                "colour": {"type": "category"},
                "passed": {"type": "category", "categories": classes},
            },
            target={"column": "passed", "task": "multiclass", "classes": classes},
            features=["colour"],
            recommendation={"user": "id", "item": "colour"},
        )


def test_a_gate_may_be_on_the_regret_of_recommendations_and_only_with_them() -> None:
    rules = {"primary": "roc_auc", "gates": GATES}
    gate = with_rules({"evaluation": rules}).evaluation.gates[0]
    assert (gate.passes(7.9), gate.passes(8.1)) == (True, False)
    with pytest.raises(ValidationError, match=r"gates.0.metric: expected `recommendation` in the use case"):
        small_use_case(evaluation=rules)
    with pytest.raises(ValidationError, match=r"primary"):
        with_rules({"evaluation": {**rules, "primary": "recommendation_regret"}})
    hit_rate = [{"metric": "recommendation_hit_rate", "at_least": 1.5}]
    with pytest.raises(ValidationError, match="expected a bound of at most 1, the maximum of recommendation_hit_rate"):
        with_rules({"evaluation": {"primary": "roc_auc", "gates": hit_rate}})
