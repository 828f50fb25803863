"""The features, and the reasons of the columns that are none."""

import pytest

from config.errors import ConfigError
from tasks.first_use_case.features import choose_features
from tasks.first_use_case.splits import RANDOM
from tests.tasks.first_use_case.guesses import guesses, target

ROWS = 60
Y = [str(number * 7 % 31) for number in range(ROWS)]
COLUMNS = {
    "id": [str(number) for number in range(ROWS)],
    "age": [str(15 + number % 8) for number in range(ROWS)],
    "gender": ["f", "m"] * 30,
    "day": ["2024-01-31", "2024-02-01"] * 30,
    "constant": ["1"] * ROWS,
    "empty": [""] * ROWS,
    "token": [f"t{number}" for number in range(ROWS)],
    "customer_nr": [str(1000 + number * 7 % 59) for number in range(ROWS)],
    "double": [str(2 * int(each)) for each in Y],
    "y": Y,
}


def test_every_column_is_a_feature_or_has_a_reason() -> None:
    found = guesses(**COLUMNS)
    features, left_out = choose_features(found, target(found, "y"), ("id",), RANDOM)
    assert features == ["age"]
    assert {name: why.split(",")[0] for name, why in left_out.items()} == {
        "id": "the key",
        "gender": "sensitive",
        "day": "a date",
        "constant": "has one value only",
        "empty": "empty",
        "token": "nearly every row has another text",
        "customer_nr": "an identifier: `nr` in the name",
        "double": "correlates 1.000 with y",
    }


def test_a_leak_is_to_check() -> None:
    found = guesses(double=COLUMNS["double"], age=COLUMNS["age"], y=Y)
    choose_features(found, target(found, "y"), (), RANDOM)
    assert found[0].to_check == ["correlates 1.000 with y: left out, as it may be known only afterwards"]


def test_the_names_of_groups_are_no_feature_of_a_split_by_group() -> None:
    people = [str(1000 + number % 40) for number in range(ROWS)]
    found = guesses(student_id=people, age=COLUMNS["age"], y=Y)
    split = {"by": "group", "column": "student_id"}
    assert choose_features(found, target(found, "y"), (), split)[0] == ["age"]


def test_a_file_without_a_feature_is_refused_with_the_reasons() -> None:
    found = guesses(gender=COLUMNS["gender"], y=Y)
    with pytest.raises(
        ConfigError, match=r"expected at least one column that may be a feature; found none\. gender: sen"
    ):
        choose_features(found, target(found, "y"), (), RANDOM)
