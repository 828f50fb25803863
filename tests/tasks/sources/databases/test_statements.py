from typing import Any

import pytest

from config.sources import SqlSource
from tasks.sources.databases.statements import Border, Window, literal, ordered, quoted, relation

AT, KEY = 'rows_of_the_source."at"', 'rows_of_the_source."id"'


def test_names_and_values_are_quoted() -> None:
    assert quoted('a "b') == '"a ""b"'
    assert [literal(value) for value in (1, 2.5, "it's", True)] == ["1", "2.5", "'it''s'", "'True'"]
    assert ordered(["at", None]) == f" ORDER BY {AT}"
    source = SqlSource(kind="sql", connection="sqlite:///x", table='my schema.it"s')
    assert relation(source) == '"my schema"."it""s" AS rows_of_the_source'


@pytest.mark.parametrize(
    ("key", "after", "border", "expected"),
    [
        (None, {}, Border(None, True), "1 = 0"),
        (None, {}, Border(7, True), f"{AT} <= 7"),
        (None, {}, Border("2024-01-01", False), f"{AT} < '2024-01-01'"),
        (None, {"watermark": "a", "inclusive": False}, Border("b", False), f"{AT} < 'b' AND {AT} >= 'a'"),
        (None, {"watermark": 5, "inclusive": True}, Border(7, True), f"{AT} <= 7 AND {AT} > 5"),
        (
            "id",
            {"watermark": 5, "inclusive": True, "key": "x"},
            Border(7, True),
            f"{AT} <= 7 AND ({AT} > 5 OR ({AT} = 5 AND {KEY} > 'x'))",
        ),
    ],
)
def test_a_window_ends_where_the_next_one_begins(
    key: str | None, after: dict[str, Any], border: Border, expected: str
) -> None:
    assert Window("at", key, after, border).where() == f" WHERE {expected}"


def test_the_rows_at_the_border_are_those_that_were_read() -> None:
    assert Window("at", None, {}, Border(7, True)).landed_at_the_border() is None
    after = {"watermark": 5, "inclusive": True, "key": 3}
    assert Window("at", "id", after, Border(7, True)).landed_at_the_border() == f" WHERE {AT} = 5 AND {KEY} <= 3"
    assert Window("at", "id", {"watermark": "a", "inclusive": False}, Border("b", False)).landed_at_the_border() is None
