"""The key."""

from tasks.first_use_case.keys import guess_key, unlimit_key
from tests.tasks.first_use_case.guesses import guesses

PEOPLE = ["7", "9", "12", "40"]


def test_a_column_of_different_values_that_is_named_like_an_id_is_the_key() -> None:
    found = guesses(age=["20", "21", "22", "23"], student_id=PEOPLE)
    assert guess_key(found, "age") == (("student_id",), "each value once in 4 rows; `id` in the name")


def test_a_column_that_counts_the_rows_is_the_key() -> None:
    assert guess_key(guesses(x=["1", "2", "3", "4"], y=PEOPLE), "y")[0] == ("x",)


def test_a_person_and_a_time_are_a_key_together() -> None:
    found = guesses(person_id=["1", "1", "5", "5"], year=["2019", "2020", "2019", "2020"], y=PEOPLE)
    assert guess_key(found, "y")[0] == ("person_id", "year")


def test_repeated_or_missing_ids_are_no_key() -> None:
    assert guess_key(guesses(person_id=["1", "1", "5", "6"], y=PEOPLE), "y")[0] == ()
    assert guess_key(guesses(person_id=["1", "", "5", "6"], y=PEOPLE), "y")[0] == ()


def test_different_numbers_alone_are_no_key() -> None:
    assert guess_key(guesses(score=["7", "9", "12", "40"], y=PEOPLE), "y")[0] == ()


def test_a_key_has_no_maximum_because_new_rows_have_larger_numbers() -> None:
    found = guesses(x=["1", "2", "3", "4"], y=PEOPLE)
    unlimit_key(found, ("x",))
    assert [each.maximum is None for each in found] == [True, False]
