import pytest

from config.errors import ConfigError, MissingInput
from tasks.quarantine.rows import Quarantine, count_reasons, find_quarantine, parse_where
from tests.tasks.quarantine.quarantines import row, stored
from tests.use_cases import small_use_case

AGE, COLOUR = "age: expected a whole number from 10 to 30, found 99", "colour: expected one of green, red, found 'blue'"


@pytest.fixture(scope="module")
def three(bucket: str) -> Quarantine:
    rows = [
        row(4, AGE, COLOUR, age=99, colour="blue"),
        row(5, AGE.replace("99", "'old'"), age=None, unread={"age": "old"}, source_file="b.csv"),
        row(9, "malformed row: 3 cells", id=None, age=None, text="1,2,3", source_line=None),
    ]
    return stored(small_use_case(name="quarantine_rows"), rows)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (None, [4, 5, 9]),
        ("age > 30", [4]),
        ("age is null", [5, 9]),
        ("source_file == 'b.csv'", [5]),
        ("source_line == 6", [4]),
        ("row >= 5", [5, 9]),
        ("reason == 'age'", [4, 5]),
        ("reason == 'colour' and age > 30", [4]),
        ("reason == 'age' or reason == 'malformed row'", [4, 5, 9]),
        ("reason == 'id'", []),
    ],
)
def test_rows_are_selected_by_their_cells_their_place_and_any_of_their_reasons(
    three: Quarantine, where: str | None, rows: list[int]
) -> None:
    expression = parse_where(small_use_case(), where)
    assert [each.row for each in three.rows(expression)] == rows


def test_reasons_are_counted_without_what_was_found_with_the_first_place(three: Quarantine) -> None:
    rows, counts = count_reasons(three)
    assert rows == 3
    assert [(rule, found.rows, found.first) for rule, found in counts.items()] == [
        ("age: expected a whole number from 10 to 30", 2, "a.csv, line 6"),
        ("colour: expected one of green, red", 1, "a.csv, line 6"),
        ("malformed row: 3 cells", 1, "a.csv, row 9"),
    ]


@pytest.mark.parametrize("where", ["age +", "size > 1", "age + 1"])
def test_an_expression_that_is_not_a_condition_over_the_rows_is_refused(where: str) -> None:
    with pytest.raises(ConfigError, match="--where: expected"):
        parse_where(small_use_case(), where)


def test_without_a_validation_the_command_to_run_is_named(bucket: str) -> None:
    with pytest.raises(MissingInput, match=r"expected a validation, found none\. Run it: vishwaops run validate"):
        find_quarantine(small_use_case(name="quarantine_none"))
