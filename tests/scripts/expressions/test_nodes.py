import pytest

from tabular.expressions.nodes import KINDS, ColumnValue, Constant, ExpressionError, Operation


def test_a_refusal_is_a_value_error_with_what_was_expected_and_found() -> None:
    with pytest.raises(ValueError, match=r"^expected a number; found 'x'$"):
        raise ExpressionError("a number", "'x'")


def test_checked_expressions_are_equal_by_what_they_consist_of() -> None:
    def more_than(number: float) -> Operation:
        return Operation(">", (ColumnValue("age", "number"), Constant(number, "number")), "boolean")

    assert more_than(10) == more_than(10)
    assert len({more_than(10), more_than(10), more_than(11)}) == 2


def test_every_kind_has_a_name_for_messages() -> None:
    assert KINDS == {"number": "a number", "text": "a text", "boolean": "true or false", "date": "a date"}
