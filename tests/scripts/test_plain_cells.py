"""Texts that are converted as whole arrays have the values of the rules for single cells."""

from datetime import datetime

import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.plain_cells import plain_values
from tests.fuzz.outcomes import run_kinds
from tests.fuzz.typed_cells import COLUMNS, KINDS, ODD, expect_equal


def plain(column: Column, *texts: str | None) -> list[object] | None:
    found = plain_values(pa.array(texts, pa.large_string()), column)
    return None if found is None else list(found.to_pylist())


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_each_odd_text_has_its_value_among_others_and_alone(column: Column) -> None:
    expect_equal(pa.array([*ODD, None], pa.large_string()), column)
    for text in ODD:
        expect_equal(pa.array([text], pa.large_string()), column)


def test_random_columns_have_the_values_of_the_rules() -> None:
    outcome = run_kinds(KINDS, 300, 0)
    assert not outcome.failures, "\n".join(outcome.failures)


def test_plain_texts_are_converted_at_once() -> None:
    assert plain(Column("x", "integer"), "1", "", None, "-7") == [1, None, None, -7]
    assert plain(Column("x", "number"), "1.5", "", "1e3") == [1.5, None, 1000.0]
    assert plain(Column("x", "number", decimal=","), "1,5", "2") == [1.5, 2.0]
    assert plain(Column("x", "number", missing=("-9",)), "1.5", "-9.0") == [1.5, None]
    assert plain(Column("x", "date"), "2017-12-31", "") == [datetime(2017, 12, 31), None]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "0x10"), ("integer", "+5"), ("integer", "5.0"), ("integer", "9223372036854775808"),
        ("number", "inf"), ("number", "nan"), ("number", "1e400"), ("number", "5 "),
        ("date", "0000-12-31"), ("date", "2017-12-31T00"), ("datetime", "2017-12-31"),
        ("datetime", "0000-12-31T23:59:59"),
    ],
)  # fmt: skip
def test_other_texts_are_left_to_the_rules(kind: str, text: str) -> None:
    assert plain(Column("x", kind), text) is None  # type: ignore[arg-type]
