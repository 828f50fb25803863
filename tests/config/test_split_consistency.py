"""Splits that do not fit the columns, each refused when the YAML is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.consistency import problems
from config.split_consistency import split_problems
from tests.use_cases import small_use_case

SHARES = {"validation": 0.2, "test": 0.2}
SEEDED = {"seed": 1, **SHARES}
COLUMNS: dict[str, Any] = {
    **small_use_case().model_dump()["columns"],
    "semester": {"type": "category"},
    "day": {"type": "date", "format": "%d/%m/%Y"},
    "note": {"type": "text"},
}
DERIVED = {
    "decade": {"expression": "age // 10", "type": "number"},
    "late": {"expression": 'day > "2018-01-30"', "type": "category"},
    "red": {"expression": 'colour == "red"', "type": "category"},
}


@pytest.mark.parametrize(
    "split",
    [
        {"by": "order", **SHARES},
        {"by": "group", "columns": ["semester", "age"], **SEEDED},
        {"by": "group", "column": "late", **SEEDED},
        {"by": "time", "column": "decade", **SHARES},
        {"by": "value", "test": "semester >= '2014J'", "validation": "semester == '2014B'"},
        {"by": "value", "test": "late", "validation": "not late and decade > 1"},
        {"by": "value", "test": "semester in ['2014J']", "validation": 'day > "2018-01-30"'},
    ],
)
def test_a_split_may_name_columns_and_derived_ones(split: dict[str, Any]) -> None:
    case = small_use_case(columns=COLUMNS, derived=DERIVED, split=split)
    assert list(split_problems(case)) == problems(case) == []


@pytest.mark.parametrize(
    ("split", "mistake"),
    [
        ({"by": "group", "columns": ["semester", "agee"], **SEEDED},
         "split.columns: expected columns of the schema, found 'agee' (did you mean 'age'?)"),
        ({"by": "group", "column": "red", **SEEDED},
         "columns.colour.nullable: expected false, because split.column needs it; found true"),
        ({"by": "group", "column": "note", **SEEDED},
         "split.column: expected a column with values that repeat or have an order, found the text 'note'"),
        ({"by": "time", "column": "late", **SHARES},
         "split.column: expected a column with an order, found 'late', which is true or false"),
        ({"by": "value", "test": "semester >= 2014", "validation": "age > 3"},
         "split.test: expected two numbers or two texts for `>=`; found a text and a number: 'semester >= 2014'"),
        ({"by": "value", "test": "semester", "validation": "age > 3"},
         "split.test: expected a result that is true or false; found a text: 'semester'"),
        ({"by": "value", "test": "semster >= '2014J'", "validation": "1 > 3"},
         "split.validation: expected an expression over at least one column; found '1 > 3'"),
        ({"by": "value", "test": "age > 3", "validation": "age > 3"},
         "split.validation: expected other rows than those of split.test, found the same expression"),
        ({"by": "value", "test": "semester > '30/01/2018'", "validation": "age > 3"},
         "split.test: expected a date from a column of `type: date`, with its format (as texts, days sort before years)"
         "; found '30/01/2018'"),
    ],
)  # fmt: skip
def test_a_split_that_does_not_fit_its_columns_is_refused(split: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ValidationError) as refused:
        small_use_case(columns=COLUMNS, derived=DERIVED, split=split)
    assert mistake in str(refused.value)
