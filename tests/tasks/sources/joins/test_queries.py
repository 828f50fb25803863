"""The SQL of aggregates, on DuckDB."""

import duckdb
import pytest

from tabular.formats import USUAL, Format
from tasks.sources.joins import queries


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        (" 1.5 ", USUAL, 1.5),
        ("1.002,5", Format(decimal=",", thousands="."), 1002.5),
        ("-9", Format(missing=("-9",)), None),
        ("", USUAL, None),
        ("x", USUAL, None),
    ],
)
def test_a_text_is_a_number_by_its_format(text: str, format: Format, expected: float | None) -> None:
    found = duckdb.sql(f'SELECT {queries.number("a b", format)} FROM (SELECT ? AS "a b")', params=[text])
    assert found is not None
    assert found.fetchall() == [(expected,)]
