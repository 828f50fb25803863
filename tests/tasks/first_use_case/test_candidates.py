"""The candidates of a first use case."""

import pytest

from config.candidates import ALGORITHMS, METRICS, Candidate
from config.hyperparameters import problems
from config.schema import Target
from tasks.first_use_case.candidates import MANY_ROWS, PRIMARY, candidates
from tests.tasks.first_use_case.guesses import guesses, target

TARGETS = {
    "binary": ["no"] * 90 + ["yes"] * 10,
    "multiclass": ["a", "b", "c"] * 30,
    "regression": [str(number) for number in range(90)],
}


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("rows", [100, MANY_ROWS + 1])
def test_the_candidates_are_valid_and_of_three_algorithms_of_the_task(task: str, rows: int) -> None:
    found = target(guesses(y=TARGETS[task]), "y")
    plain = [Candidate.model_validate(each) for each in candidates(found, rows)]
    keys = Target(column="y", task=found.task, classes=found.classes)
    assert [problem for each in plain for problem in problems(each, "candidates", keys)] == []
    algorithms = {each.algorithm for each in plain}
    assert len(algorithms) == 3
    assert algorithms <= set(ALGORITHMS[found.task])
    assert PRIMARY[found.task] in METRICS[found.task]


def test_rare_classes_are_weighted() -> None:
    weights = [
        each["hyperparameters"].get("class_weight")
        for each in candidates(target(guesses(y=TARGETS["binary"]), "y"), 100)
    ]
    assert weights == ["balanced", "balanced", None]
    equal = candidates(target(guesses(y=TARGETS["multiclass"]), "y"), 100)
    assert all("class_weight" not in each["hyperparameters"] for each in equal)


def test_many_rows_have_a_smaller_forest() -> None:
    found = target(guesses(y=TARGETS["regression"]), "y")
    few, many = (candidates(found, rows)[1]["hyperparameters"]["n_estimators"] for rows in (100, MANY_ROWS + 1))
    assert many < few
