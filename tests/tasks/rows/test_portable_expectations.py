from typing import Any

import duckdb
import pytest

from config.errors import ConfigError
from tasks.rows.portable_expectations import predicate

TYPES = {"n": "integer", "t": "category", "d": "date"}
DATES = ("TIMESTAMP '2020-01-01'", "TIMESTAMP '2021-01-01'")
ROWS = f"(VALUES (1, 'a', {DATES[0]}), (5, 'it''s', {DATES[1]}), (NULL, NULL, NULL)) AS r(n, t, d)"
VALUES, LENGTHS = "expect_column_values_to_", "expect_column_value_lengths_to_be_between"


@pytest.mark.parametrize(
    ("kind", "kwargs", "failing"),
    [
        (VALUES + "not_be_null", {"column": "n"}, [None]),
        (VALUES + "be_null", {"column": "n"}, [1, 5]),
        (VALUES + "be_between", {"column": "n", "min_value": 1, "max_value": 4}, [5]),
        (VALUES + "be_between", {"column": "n", "min_value": 1, "strict_min": True, "max_value": None}, [1]),
        (VALUES + "be_between", {"column": "d", "min_value": "2020-06-01"}, [1]),
        (VALUES + "be_in_set", {"column": "t", "value_set": ["it's"]}, [1]),
        (VALUES + "not_be_in_set", {"column": "t", "value_set": ["it's", "b"]}, [5]),
        (LENGTHS, {"column": "t", "max_value": 3}, [5]),
    ],
)
def test_rows_fail_as_in_great_expectations(kind: str, kwargs: dict[str, Any], failing: list[Any]) -> None:
    sql = predicate({"type": kind, "kwargs": kwargs}, TYPES, "suite")
    rows = duckdb.execute(f"SELECT n FROM {ROWS} WHERE {sql}").fetchall()
    assert [row[0] for row in rows] == failing


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [("expect_column_mean_to_be_between", {"column": "n"}), (VALUES + "be_in_set", {"column": "n", "mostly": 0.9})],
)
def test_what_has_no_portable_sql_is_refused_by_name(kind: str, kwargs: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"engine: spark: .* found {kind} with column"):
        predicate({"type": kind, "kwargs": kwargs}, TYPES, "suite")
