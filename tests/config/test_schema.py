import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from config.explanations import explain
from config.schema import Column
from tests.use_cases import small_use_case

COLUMN: TypeAdapter[Column] = TypeAdapter(Column)
SHARES = {"validation": 0.2, "test": 0.2}


def refusal(**column: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        COLUMN.validate_python(column)
    return explain(refused.value, "column", column)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            {"type": "integer", "format": "%d/%m/%Y"},
            "format: expected a format only for a date or datetime; found one ",
        ),
        ({"type": "date", "format": "%d/%m"}, "format: expected codes of a day, a month and a year; found no year"),
        ({"type": "date", "format": "%x"}, "which are read the same everywhere; found %x"),
        ({"type": "date", "formt": "%d"}, "expected only the keys .*; found 'formt' .did you mean 'format'"),
        ({"type": "date", "name": "day"}, "expected only the keys .*; found 'name'"),
        ({"type": "date", "format": 5}, "format: expected a text; found 5"),
        ({"type": "date", "minimum": 5}, "expected dates as minimum and maximum of type: date; found a number"),
        ({"type": "number", "maximum": date(2018, 1, 1)}, "expected numbers as minimum and maximum of type: number; f"),
        ({"type": "date", "minimum": datetime(2018, 1, 1, 9)}, "type: date without a time; found a time"),
        (
            {"type": "date", "minimum": "2018-01-01"},
            "minimum: expected a finite number, or a date such as 2026-01-31 w",
        ),
        ({"type": "number", "minimum": True}, "minimum: expected a finite number, or a date .*; found true"),
        ({"type": "number", "minimum": 10**400}, "minimum: expected a finite number"),
        ({"type": "number", "minimum": float("nan")}, "minimum: expected a finite number, .*; found nan"),
        (
            {"type": "date", "categories": ["a"]},
            "expected type: category for a column with categories, found type: date",
        ),
        (
            {"type": "date", "minimum": date(2018, 1, 2), "maximum": date(2018, 1, 1)},
            "expected minimum at or below maximum, found 2018-01-02 and 2018-01-01",
        ),
    ],
)
def test_a_column_that_contradicts_itself_is_refused(column: dict[str, Any], message: str) -> None:
    assert re.search(message, refusal(**column))


def test_the_expected_date_is_described_with_its_format_and_limits() -> None:
    limits = {"minimum": date(2017, 1, 1), "maximum": date(2018, 12, 31)}
    column = COLUMN.validate_python({"type": "date", "format": "%d/%m/%Y", **limits})
    assert column.expected == "a date such as 31/12/2017 (day, month, year) from 2017-01-01 to 2018-12-31"
    assert Column(type="date", maximum=datetime(2018, 12, 31)).expected.endswith(" of at most 2018-12-31")
    zoned = Column(type="datetime", minimum=datetime(2018, 1, 1, 9, tzinfo=UTC))
    assert zoned.expected.endswith(" of at least 2018-01-01 09:00:00")


def test_a_column_without_a_format_is_described_as_before() -> None:
    assert "format" not in Column(type="integer", minimum=1).described()
    assert Column(type="date", format="%d/%m/%Y", minimum=datetime(2018, 1, 1)).described() == {
        "type": "date", "header": None, "description": None, "minimum": "2018-01-01T00:00:00", "maximum": None,
        "categories": None, "nullable": False, "sensitive": False, "format": "%d/%m/%Y",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"features": ["age", "day"]},
            "features: expected integers, numbers, categories, texts and derived columns such as `month(day)`",
        ),
        (
            {"target": {"column": "day", "task": "regression"}},
            "target.column: expected a category, integer or number, found the date 'day'",
        ),
        (
            {"target": {"column": "day", "task": "binary", "classes": ["a", "b"]}},
            "target.column: expected a category, integer or number, found the date 'day'",
        ),
        (
            {"split": {"by": "time", "column": "origin", **SHARES}},
            "split.column: expected an integer, number, date or datetime to split by time, found the category 'origin'",
        ),
        (
            {"target": {"column": "late", "task": "binary", "rule": 'day > "1/1/2018"', "classes": ["no", "yes"]}},
            'target.rule: expected a date such as "2026-01-31" or "2026-01-31 12:00:00"; found \'1/1/2018\'',
        ),
    ],
)
def test_a_date_is_refused_where_a_model_would_need_a_number_and_a_text_where_time_is_needed(
    changes: dict[str, Any], message: str
) -> None:
    columns = {**small_use_case().model_dump()["columns"], "day": {"type": "date"}}
    with pytest.raises(ValidationError) as refused:
        small_use_case(columns=columns, **changes)
    assert message in str(refused.value)


def test_a_date_may_be_a_key_a_time_and_a_part_of_the_targets_rule() -> None:
    case = small_use_case(
        columns={**small_use_case().model_dump()["columns"], "day": {"type": "date"}, "at": {"type": "datetime"}},
        key=["day"],
        split={"by": "time", "column": "at", **SHARES},
        target={"column": "late", "task": "binary", "rule": 'day > "2018-01-30"', "classes": ["no", "yes"]},
    )
    assert case.target_sources == {"day"}


def test_a_text_has_a_length_and_a_category_may_have_an_order() -> None:
    level = COLUMN.validate_python({"type": "category", "ordered": True, "categories": ["low", "high"]})
    assert level.described()["ordered"] is True
    text = COLUMN.validate_python({"type": "text", "max_length": 20})
    assert text.expected == "a text of at most 20 characters"
    assert COLUMN.validate_python({"type": "text"}).expected == "a text of at most 10,000 characters"
    assert not {"ordered", "max_length"} & Column(type="category").described().keys()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"type": "category", "ordered": True}, "expected two categories or more, from the lowest .*; found none"),
        ({"type": "category", "ordered": True, "categories": ["a"]}, "an ordered category; found a. Write"),
        ({"type": "number", "ordered": True}, "an ordered category; found none"),
        (
            {"type": "number", "max_length": 5},
            "expected max_length, 1 or more, only for type: text; found 5 for type: n",
        ),
        ({"type": "text", "max_length": 0}, "expected max_length, 1 or more, only for type: text; found 0 for type: t"),
        ({"type": "text", "minimum": 1}, "expected max_length of a text, found a minimum or maximum"),
        (
            {"type": "text", "categories": ["a"]},
            "expected type: category for a column with categories, found type: text",
        ),
    ],
)
def test_a_text_or_an_order_that_contradicts_the_rest_is_refused(column: dict[str, Any], message: str) -> None:
    assert re.search(message, refusal(**column))
