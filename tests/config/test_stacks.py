"""The candidates that combine others."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.use_cases import small_use_case

PARTS: list[dict[str, Any]] = [
    {"name": "linear", "algorithm": "logistic_regression", "hyperparameters": {"class_weight": "balanced"}},
    {"name": "trees", "algorithm": "xgboost"},
]


def refused(*candidates: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as found:
        small_use_case(candidates=list(candidates))
    return str(found.value)


def test_a_stack_names_two_candidates_or_more() -> None:
    both = {"name": "both", "algorithm": "stack", "of": ["linear", "trees"], "hyperparameters": {"cv": 4}}
    assert small_use_case(candidates=[*PARTS, both]).candidates[2].of == ("linear", "trees")
    assert "candidates.2.of: expected the names of two candidates or more, found trees" in refused(
        *PARTS, {**both, "of": ["trees"]}
    )
    assert "expected each candidate once, found 'trees' again" in refused(*PARTS, {**both, "of": ["trees", "trees"]})


def test_a_part_is_a_candidate_that_is_no_stack() -> None:
    both = {"name": "both", "algorithm": "stack", "of": ["linear", "tree"]}
    assert "found 'tree' (did you mean 'trees'?)" in refused(*PARTS, both)
    assert "expected candidates that are no stacks, found 'both'" in refused(*PARTS, {**both, "of": ["linear", "both"]})


def test_only_a_stack_has_parts() -> None:
    assert "candidates.1.of: expected none for xgboost, found linear" in refused(
        PARTS[0], {**PARTS[1], "of": ["linear"]}
    )


@pytest.mark.parametrize(("name", "value"), [("class_weight", "balanced"), ("early_stopping_rounds", 5)])
def test_a_part_has_no_setting_that_a_stack_can_not_pass_on(name: str, value: Any) -> None:
    part = {**PARTS[1], "hyperparameters": {name: value}}
    message = refused(PARTS[0], part, {"name": "both", "algorithm": "stack", "of": ["linear", "trees"]})
    assert f"candidates.2.of: expected a candidate without {name}, found 'trees'" in message


def test_the_layers_of_a_network_are_a_list_of_whole_numbers() -> None:
    network = {"name": "network", "algorithm": "neural_network", "hyperparameters": {"hidden_layer_sizes": [32, 16]}}
    assert small_use_case(candidates=[network])
    for wrong in ([], [32, 0], [1.5], "32"):
        message = refused({**network, "hyperparameters": {"hidden_layer_sizes": wrong}})
        assert "hidden_layer_sizes: expected a list of whole numbers at least 1, or a whole number" in message


def test_costs_are_those_of_two_classes() -> None:
    evaluation = {"primary": "r2", "gates": [{"metric": "r2", "at_least": 0.1}]}
    costs = {"false_positive": 1, "false_negative": 4}
    with pytest.raises(ValidationError, match=r"evaluation.costs: expected none for a regression target"):
        small_use_case(
            target={"column": "age", "task": "regression"},
            features=["colour"],
            candidates=[{"name": "net", "algorithm": "elastic_net"}],
            evaluation={**evaluation, "costs": costs},
        )
