"""Rules as SQL, on tables of a few rows."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from tasks.rows.sql_rules import identifier, is_unread, later_repeats, literal, repeats


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def rows(connection: duckdb.DuckDBPyConnection, table: pa.Table, query: str) -> list[tuple[int, ...]]:
    connection.register("rows", table.append_column("row", pa.array(range(len(table)))))
    return connection.execute(f"{query} ORDER BY 1").fetchall()


def test_rows_equal_an_earlier_one_in_every_column_with_null_a_value_of_its_own(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    table = pa.table({"a": [1, 1, 2, 1, 1, 1], "b": ["x", "y", "x", "x", None, None], "c": [0, 0, None, 0, 0, 0]})
    assert rows(connection, table, later_repeats(["a", "b", "c"], "rows", "row")) == [(3, 0), (5, 4)]
    assert rows(connection, table, later_repeats(["a"], "rows", "row")) == [(1, 0), (3, 0), (4, 0), (5, 0)]


def test_a_key_with_a_missing_value_repeats_none(connection: duckdb.DuckDBPyConnection) -> None:
    table = pa.table({"a": [1, 1, 1, 1, 2], "b": ["x", None, None, "x", "x"]})
    query = "SELECT row FROM rows WHERE {}"
    assert rows(connection, table, query.format(repeats(["a", "b"], "rows"))) == [(0,), (3,)]


def test_names_and_texts_with_quotes_are_quoted(connection: duckdb.DuckDBPyConnection) -> None:
    table = pa.table({'a "b"': ["it's", "x"], "unread_cells": [r'{"a \"b\"": "1"}', r'{"x": "\"a \\\"b\\\"\": "}']})
    name, text, query = 'a "b"', "it's", "SELECT row FROM rows WHERE {}"
    assert rows(connection, table, query.format(f"{identifier(name)} = {literal(text)}")) == [(0,)]
    assert rows(connection, table, query.format(is_unread(name))) == [(0,)]
