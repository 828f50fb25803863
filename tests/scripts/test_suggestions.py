from itertools import chain, count

import pytest

from tabular.suggestions import LONGEST, MOST_LISTED, did_you_mean, listed, similar

NAMES = ("age", "Pocket Money", "colour")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("aeg", None), ("AGE", "age"), ("pocket_money", "Pocket Money"), ("colur", "colour"), ("height", None), ("", None),
     ("?", None)],
)  # fmt: skip
def test_a_misspelled_name_is_found_with_any_case_and_punctuation(name: str, meant: str | None) -> None:
    assert similar(name, NAMES) == meant


def test_a_suggestion_needs_less_similarity_than_a_misspelling() -> None:
    assert did_you_mean("aeg", NAMES) == " (did you mean 'age'?)"
    assert did_you_mean("height", NAMES) == ""
    assert did_you_mean(7, NAMES) == ""


def test_very_many_and_very_long_names_take_no_time() -> None:
    assert similar("a" * 10**6, chain([*NAMES, "b" * 10**6], map(str, count()))) is None


def test_a_list_of_names_is_shortened_and_what_is_left_out_is_counted() -> None:
    assert listed(["a", "it's"]) == "'a', \"it's\""
    assert listed(["x" * 100]) == repr("x" * LONGEST + "...")
    assert listed([str(number) for number in range(MOST_LISTED + 1500)]).endswith("'19', and 1,500 more")
