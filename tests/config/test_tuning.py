"""The search of a candidate: its ranges are within what the library accepts, and fit its strategy."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.tuning import Range, Tuning
from tests.use_cases import small_use_case

HYPERBAND: dict[str, Any] = {"strategy": "Hyperband", "rounds": [1, 10]}
DEPTH = {"max_depth": {"integer": [2, 8]}}


def candidate(tune: dict[str, Any], algorithm: str = "xgboost", **hyperparameters: Any) -> dict[str, Any]:
    given = {"jobs": 3, **tune}
    return {"name": "searched", "algorithm": algorithm, "hyperparameters": hyperparameters, "tune": given}


@pytest.mark.parametrize(
    "one",
    [
        candidate({"ranges": {**DEPTH, "learning_rate": {"number": [0.01, 0.3], "scale": "log"}}}),
        candidate({"ranges": {"max_features": {"number": [0.1, 1.0]}}}, "random_forest"),
        candidate({"ranges": {"max_features": {"integer": [1, 2]}}, "jobs": 2}, "random_forest"),
        candidate({"ranges": {"max_depth": {"choice": [2, None]}}, "jobs": None, "strategy": "Grid"}, "random_forest"),
        candidate({"ranges": DEPTH, **HYPERBAND}),
    ],
)
def test_ranges_within_what_the_library_accepts_are_accepted(one: dict[str, Any]) -> None:
    assert small_use_case(candidates=[one]).candidates[0].tune is not None


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (candidate({"ranges": {"max_depht": {"integer": [2, 8]}}}), r"found 'max_depht' \(did you mean 'max_depth'"),
        (candidate({"ranges": {"n_jobs": {"integer": [1, 4]}}}), "expected no 'n_jobs', because each job uses all"),
        (candidate({"ranges": DEPTH}, max_depth=3), r"ranges.max_depth: expected no fixed value of a tuned"),
        (candidate({"ranges": {"subsample": {"number": [0, 1]}}}), "expected values of a number above 0 and at most 1"),
        (candidate({"ranges": {"subsample": {"number": [0.5, 1.5]}}}), "found 0.5, 1.5"),
        (candidate({"ranges": {"max_depth": {"number": [2, 8]}}}), "expected values of a whole number at least 0"),
        (candidate({"ranges": {"booster": {"choice": ["gbtree", "tree"]}}, "jobs": 2}), "found 'gbtree', 'tree'"),
        (
            candidate({"ranges": {"bootstrap": {"choice": [True, False]}}, "jobs": 2}, "random_forest", max_samples=5),
            "expected true when oob_score or max_samples is set",
        ),
        (
            candidate({"ranges": {"max_depth": {"integer": [2, 8]}}, "early_stopping": True}, "random_forest"),
            "early_stopping: expected false, because random_forest reports the objective only at the end",
        ),
        (
            candidate({"ranges": {"max_depth": {"integer": [2, 8]}}, **HYPERBAND}, "random_forest"),
            "strategy: expected another than Hyperband",
        ),
    ],
)  # fmt: skip
def test_an_impossible_search_is_refused_before_anything_starts(one: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        small_use_case(candidates=[one])


def test_early_stopping_needs_values_while_a_job_trains_which_cross_validation_has_not() -> None:
    one = candidate({"ranges": DEPTH, "early_stopping": True})
    with pytest.raises(ValidationError, match="because cross-validation reports the objective only at the end"):
        small_use_case(candidates=[one], training={"cross_validation": {"folds": 3}})


def test_a_stack_has_no_searched_part() -> None:
    parts = [candidate({"ranges": DEPTH}), {"name": "forest", "algorithm": "random_forest"}]
    stack = {"name": "both", "algorithm": "stack", "of": ["searched", "forest"]}
    with pytest.raises(ValidationError, match=r"candidates.2.of: expected candidates without tune.* found 'searched'"):
        small_use_case(candidates=[*parts, stack])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobs": None}, "expected jobs, the number of training jobs; found none"),
        ({"jobs": 8}, "expected jobs of at most 7, the number of combinations; found 8"),
        ({"strategy": "Grid", "jobs": None}, "expected a choice of each hyperparameter with the strategy Grid"),
        ({"strategy": "Hyperband"}, "expected rounds with the strategy Hyperband"),
        ({"rounds": [1, 5]}, "expected rounds with the strategy Hyperband, and with no other; found Bayesian"),
        ({"strategy": "Hyperband", "rounds": [5, 1]}, "the lower number first; found 5, 1"),
        ({"strategy": "Hyperband", "rounds": [1, 5], "early_stopping": True}, "stops training jobs itself; found true"),
        ({"ranges": {"a": {"choice": [1, 2]}}, "strategy": "Grid", "jobs": 3}, "expected jobs of 2, the number of"),
    ],
)
def test_a_search_fits_its_strategy(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Tuning.model_validate({"ranges": DEPTH, "jobs": 3, **changes})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "expected one of integer, number or choice; found none"),
        ({"integer": [1, 2], "number": [1, 2]}, "found integer, number"),
        ({"integer": [3, 3]}, "expected the lower bound first, and a greater one; found 3 and 3"),
        ({"number": [0, 1], "scale": "log"}, "expected a lower bound above 0 for the scale log; found 0"),
        ({"integer": [1, 2], "scale": "reverse_log"}, "below 1 for the scale reverse_log"),
        ({"choice": [1]}, "expected at least two different values"),
        ({"choice": [1, "1"]}, "expected at least two different values"),
        ({"choice": ["a", "b"], "scale": "log"}, "expected no scale of a choice, found log"),
        ({"choice": [[1], [2]]}, "expected texts, numbers, true, false or null in choice"),
    ],
)
def test_a_range_is_one_kind_of_values(content: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Range.model_validate(content)


def test_values_come_back_from_text_with_their_type() -> None:
    assert Range(integer=(1, 9)).value("4") == 4
    assert Range(number=(0, 1)).value("0.25") == 0.25
    assert Range(choice=(None, 2, "sqrt", True)).value("None") is None
    assert Range(choice=(None, 2, "sqrt", True)).value("True") is True
