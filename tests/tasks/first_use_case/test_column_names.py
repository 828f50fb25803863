"""Names of columns from headers."""

import pytest

from config.column_names import RESERVED, RESERVED_IN_REQUESTS, name_problem
from tabular.expressions import Field, parse
from tasks.first_use_case.column_names import column_names


def test_headers_that_are_names_stay() -> None:
    assert column_names(["G3", "Medu", "higher"]) == {"G3": "G3", "Medu": "Medu", "higher": "higher"}


def test_other_headers_become_words_with_underscores() -> None:
    headers = ["Mother's qualification", "Curricular units 1st sem (grade)", "Straße", "Target"]
    names = ["mothers_qualification", "curricular_units_1st_sem_grade", "strasse", "target"]
    assert list(column_names(headers).values()) == names


@pytest.mark.parametrize("header", sorted(RESERVED_IN_REQUESTS))
def test_a_name_that_no_feature_may_have_is_changed(header: str) -> None:
    assert column_names([header]) == {header: f"{header}_value"}


def test_equal_names_get_numbers() -> None:
    assert list(column_names(["a b", "a-b", "a.b"]).values()) == ["a_b", "a_b_2", "a_b_3"]


@pytest.mark.parametrize(
    "header", [*sorted(RESERVED), "probability_x", "1", "%", "and", "null", "class", "年", "x" * 300]
)
def test_each_name_can_be_used_in_a_rule(header: str) -> None:
    name = column_names([header])[header]
    assert name_problem(name) is None
    assert parse(f"{name} > 1", {name: Field("number", None)}, "boolean").names == {name}
