import pytest

from tabular.expressions.nodes import ExpressionError
from tabular.expressions.spelling import can_be_named, require_plain, shortened, spelling_hint


@pytest.mark.parametrize("text", ["hours > 10", "note == '#'", "hours > 1\nor hours < 2", "note in ['a', 'b']", ""])
def test_an_expression_of_whole_texts_without_comments_is_plain(text: str) -> None:
    require_plain(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hours > 1 # a note", "an expression without a comment"),
        ("note == 'it''s'", "a comma or an operator between two texts"),
        ("note == 'a'\n'b'", "a comma or an operator between two texts"),
        ("note == '''a\nb'''", "each text on one line"),
        ("note == 'a", "each text on one line"),
    ],
)
def test_what_python_would_drop_or_join_in_silence_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ExpressionError, match=f"expected {expected}"):
        require_plain(text)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("a && b", "and"), ("a AND b", "and"), ("a || b", "or"), ("!a", "not"), ("a <> 1", "!="), ("a => 1", ">="),
     ("a =< 1", "<="), ("a = 1", "=="), ("a between 1 and 2", "1 <= x <= 2"), ("a LIKE 'x%'", "in")],
)  # fmt: skip
def test_the_syntax_of_another_language_gets_a_hint(theirs: str, ours: str) -> None:
    assert spelling_hint(theirs, ["a", "b"]) == f" (write `{ours}`)"


def test_a_text_within_quotes_is_no_spelling() -> None:
    assert spelling_hint("note == 'a && b'", ["note"]) == ""


@pytest.mark.parametrize("name", ["class", "full name", "2nd", "a-b"])
def test_a_column_that_no_rule_can_name_gets_another_name_by_its_header(name: str) -> None:
    assert not can_be_named(name)
    assert spelling_hint(f"{name} > 1", ["age", name]).endswith(f"with `header: {name}`)")


def test_a_long_text_is_shortened_in_messages() -> None:
    assert shortened("hours") == "'hours'"
    assert len(shortened("h" * 1000)) < 200
