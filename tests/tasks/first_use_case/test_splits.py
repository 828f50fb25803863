"""The split."""

from tasks.first_use_case.splits import split_choices
from tests.tasks.first_use_case.guesses import guesses

DAYS = [f"2024-{1 + number // 28:02d}-{1 + number % 28:02d}" for number in range(100)]
NUMBERS = [str(number * 7 % 100) for number in range(100)]


def best(**columns: list[str]) -> dict[str, object]:
    return next(split_choices(guesses(**columns), "y"))[0]


def test_a_date_that_orders_the_rows_splits_them_by_time() -> None:
    expected = {"by": "time", "column": "day", "validation": 0.2, "test": 0.2}
    assert best(day=DAYS, y=NUMBERS) == expected
    assert best(day=DAYS[::-1], y=NUMBERS) == expected


def test_a_date_that_does_not_order_the_rows_does_not_split_them() -> None:
    shuffled = [DAYS[int(number)] for number in NUMBERS]
    assert best(born=shuffled, y=NUMBERS)["by"] == "random"


def test_a_number_that_orders_the_rows_is_a_time_only_by_its_name() -> None:
    years = [str(1990 + number // 10) for number in range(100)]
    assert best(year=years, y=NUMBERS)["by"] == "time"
    assert best(height=years, y=NUMBERS)["by"] == "random"


def test_rows_that_repeat_a_person_are_split_by_person() -> None:
    people = [str(1000 + 13 * (number % 25)) for number in range(100)]
    assert best(student_id=people, y=NUMBERS) == {
        "by": "group", "column": "student_id", "seed": 7, "validation": 0.2, "test": 0.2,
    }  # fmt: skip


def test_too_few_groups_do_not_split_the_rows() -> None:
    assert best(school=["GP", "MS"] * 50, y=NUMBERS)["by"] == "random"


def test_a_column_with_missing_values_does_not_split_the_rows() -> None:
    assert best(day=["", *DAYS[1:]], y=NUMBERS)["by"] == "random"


def test_a_random_split_is_always_the_last_choice() -> None:
    choices = list(split_choices(guesses(day=DAYS, student_id=["1", "50"] * 50, y=NUMBERS), "y"))
    assert [split["by"] for split, _ in choices] == ["time", "random"]
