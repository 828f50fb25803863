"""The texts that keys are compared by."""

import datetime
from typing import Any

import pyarrow as pa
import pytest

from config.schema import Column
from tabular.formats import USUAL, Format
from tabular.source_cells import UnusableColumn
from tasks.sources.joins.parts import key_texts

COMMA = Format(decimal=",", thousands=".", missing=("?",))


@pytest.mark.parametrize(
    ("values", "column", "format", "expected"),
    [
        (["007", " 7 ", "7.0", "x ", "", None], Column(type="integer"), USUAL, ["7", "7", "7", "x", None, None]),
        ([7, None], Column(type="integer"), USUAL, ["7", None]),
        (["1.007,50", "?"], Column(type="number"), COMMA, ["1007.5", None]),
        ([1007.5], Column(type="number"), USUAL, ["1007.5"]),
        ([" b", "b"], Column(type="category"), USUAL, ["b", "b"]),
        (["31/01/2024"], Column(type="date", format="%d/%m/%Y"), USUAL, ["2024-01-31 00:00:00.000000"]),
        ([datetime.date(2024, 1, 31)], Column(type="date"), USUAL, ["2024-01-31 00:00:00.000000"]),
        (["007", " 7 ", "?", ""], None, COMMA, ["007", "7", None, None]),
        ([7, None], None, USUAL, ["7", None]),
    ],
)
def test_a_key_has_the_text_of_its_type(
    values: list[Any], column: Column | None, format: Format, expected: list[str]
) -> None:
    assert key_texts(pa.array(values), column, format).to_pylist() == expected


def test_a_nested_column_is_no_key() -> None:
    with pytest.raises(UnusableColumn):
        key_texts(pa.array([[1]]), None, USUAL)
