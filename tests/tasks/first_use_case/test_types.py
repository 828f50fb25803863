"""The type of a column."""

import pytest

from tasks.first_use_case.types import listed_categories
from tests.tasks.first_use_case.guesses import guess


def cells(*values: object, times: int = 20) -> list[str]:
    return [str(value) for value in values] * times


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("age", cells(*range(15, 40)), "integer"),
        ("grade", cells(0.5, 1.25, 7), "number"),
        ("score", cells("5.0", "7.0", "9.0"), "number"),
        ("smokes", cells(0, 1), "category"),
        ("sex", cells(1, 2), "category"),
        ("Course", cells(33, 171, 8014, 9003), "category"),
        ("group id", cells(3, 90, 1000, 7000, 9991), "category"),
        ("plz", cells("01067", "80331"), "category"),
        ("studytime", cells(1, 2, 3, 4), "integer"),
        ("tens", cells(10, 20, 30, 40, 100), "integer"),
        ("year", cells(1987, 1988, 1989), "integer"),
        ("salary", cells(*range(1000, 9000, 37), times=1), "integer"),
        ("school", cells("GP", "MS"), "category"),
        ("joined", cells("True", "false"), "category"),
        ("price", cells("1e3", "2.5e-2"), "number"),
        ("huge", cells("123456789012345678901234567890", "5"), "number"),
    ],
)
def test_the_type_is_guessed(header: str, values: list[str], kind: str) -> None:
    assert guess(header, values).type == kind


def test_a_code_has_its_reason() -> None:
    assert guess("smokes", cells(0, 1)).reasons == ["0..1 in 40 rows: a code"]
    found = guess("Course", cells(33, 171, 8014, 9003))
    assert found.reasons == ["33..9003 in 80 rows, 4 values; `course` in the name: a code"]
    assert found.to_check == ["numbers read as codes: write type: integer if they are quantities"]


def test_codes_are_listed_in_the_order_of_numbers() -> None:
    assert guess("class", cells(10, 9, 1)).categories == ("1", "9", "10")


def test_codes_that_pandas_wrote_with_a_point_are_whole() -> None:
    found = guess("smokes", [*cells("0.0", "1.0"), ""])
    assert (found.categories, found.nullable) == (("0", "1"), True)
    assert found.values.dropna().unique().tolist() == ["0", "1"]


def test_whole_numbers_with_a_point_are_integers_only_if_cells_are_missing() -> None:
    assert guess("score", [*cells("5.0", "17.0", "9.0"), ""]).type == "integer"


def test_categories_are_listed_unless_a_new_one_is_to_be_expected() -> None:
    assert guess("city", cells("Köln", "Porto")).categories == ("Köln", "Porto")
    found = guess("city", [*cells("Köln", "Porto"), "Rome"])
    assert found.categories is None
    assert found.reasons == ["3 values, 1 of them once: not listed, so that new ones are accepted"]


def test_free_text_is_told_from_a_category() -> None:
    notes = [f"the pupil number {number} has asked for a place again" for number in range(100)]
    found = guess("note", notes)
    assert found.reasons[0].startswith("free text of ")
    assert found.categories is None


def test_a_few_cells_that_are_no_numbers_are_to_check() -> None:
    found = guess("hours", [*cells(*range(1, 30)), "many", "few"])
    assert found.type == "integer"
    assert found.to_check == ["2 of 582 cells are no numbers: they would be quarantined"]


def test_an_empty_column_is_to_check() -> None:
    found = guess("x", ["", "", ""])
    assert (found.type, found.nullable) == ("category", True)
    assert found.to_check == ["empty: remove it, or write its type"]


def test_a_category_in_one_row_only_means_that_new_ones_are_expected() -> None:
    column = guess("city", [*cells("Porto", "Rome"), "Köln"])
    assert listed_categories(column) is None
    assert listed_categories(guess("city", cells("Rome", "Porto"))) == ("Porto", "Rome")
