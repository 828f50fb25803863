"""The target's task and classes."""

import pytest

from config.errors import ConfigError
from tasks.first_use_case.targets import find_target, guess_target
from tests.tasks.first_use_case.guesses import guess, guesses, target


@pytest.mark.parametrize(
    ("cells", "task", "classes"),
    [
        (["no", "yes"] * 20, "binary", ("no", "yes")),
        (["0", "1"] * 20, "binary", ("0", "1")),
        (["good"] * 30 + ["bad"] * 10, "binary", ("good", "bad")),
        (["Graduate", "Dropout", "Enrolled"] * 9, "multiclass", ("Dropout", "Enrolled", "Graduate")),
        (["0", "1", "2"] * 9, "multiclass", ("0", "1", "2")),
        ([str(number % 21) for number in range(200)], "regression", None),
        (["1.5", "2.5"] * 20, "regression", None),
    ],
)
def test_the_task_follows_from_the_values(cells: list[str], task: str, classes: tuple[str, ...] | None) -> None:
    found = guess_target(guess("y", cells), None)
    assert (found.task, found.classes) == (task, classes)
    assert found.guess.categories == classes


def test_the_values_of_classes_are_texts() -> None:
    found = guess_target(guess("y", ["0", "1", "2"] * 9), None)
    assert found.guess.values.tolist() == ["0", "1", "2"] * 9


def test_whole_numbers_may_be_told_to_be_classes() -> None:
    cells = [str(number % 10) for number in range(200)]
    assert "if they are classes: --task multiclass" in guess_target(guess("digit", cells), None).reason
    assert guess_target(guess("digit", cells), "multiclass").classes == tuple("0123456789")


def test_rare_classes_are_left_out_and_reported() -> None:
    found = guess("y", ["a", "b", "c"] * 60 + ["d"] * 2)
    assert guess_target(found, None).classes == ("a", "b", "c")
    assert found.to_check == ["1 classes of fewer than 5 rows are left out (d): quarantined"]


def test_codes_with_many_rare_values_are_a_quantity() -> None:
    cells = [str(number) for number in (1, 3, 90, 1000, 7000, 8888)] * 4
    found = guess("district", cells)
    assert found.type == "category"
    assert guess_target(found, None).task == "regression"


def test_a_missing_target_is_allowed_and_not_nullable() -> None:
    found = guess_target(guess("y", ["no", "yes"] * 20 + [""]), None)
    assert found.guess.nullable is False


@pytest.mark.parametrize(
    ("cells", "task", "problem"),
    [
        (["2024-01-31", "2024-02-01"], None, "expected numbers or categories, found dates"),
        (["a", "a"], None, "expected different values to predict, found 1"),
        ([f"text {number}" for number in range(99)], None, "at most 50 classes; found 99 texts"),
        (["a", "b", "c", "d", "e", "f"] * 4, None, "at least 5 rows of each class"),
        (["a", "b"] * 9, "regression", "because y has texts; found regression"),
        (["a", "b"] * 9, "multiclass", "expected binary, because y has 2 classes"),
    ],
)
def test_a_column_that_can_not_be_the_target_is_refused(cells: list[str], task: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        guess_target(guess("y", cells), task)  # type: ignore[arg-type]


def test_the_target_is_found_by_its_header_or_name() -> None:
    found = guesses(Final_grade=["1", "2"], age=["1", "2"])
    assert find_target(found, "Final grade") is find_target(found, "final_grade")
    with pytest.raises(ConfigError, match=r"expected one of the columns 'Final grade', 'age'; found 'grade'"):
        target(found, "grade")
