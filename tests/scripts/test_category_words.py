import pytest

from tabular.category_words import BOOLEAN_PAIRS, category_words


def test_a_text_that_is_a_category_is_that_category_also_without_pandas_decimal() -> None:
    assert category_words(["1", "1.0", "red"], ("1", "red")) == ["1", "1", "red"]


@pytest.mark.parametrize("pair", BOOLEAN_PAIRS)
def test_true_and_false_are_the_matching_one_of_two_categories(pair: tuple[str, str]) -> None:
    false, true = pair
    assert category_words(["True", "false", "1", "0.0"], (true, false)) == [true, false, true, false]


def test_true_means_nothing_among_other_categories_and_stays_a_text() -> None:
    assert category_words(["true", "1", "no"], ("no", "yes", "unknown")) == ["true", "1", "no"]


def test_any_category_takes_true_and_false_in_lower_case_and_no_codes() -> None:
    assert category_words(["TRUE", "1"], None) == ["true", "1"]
