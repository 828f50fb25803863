from typing import Any

import pandas as pd
import pytest

from tabular.columns import Column
from tabular.series import typed
from tasks.quarantine.cells import UnfitCells, as_json, as_text, typed_cells

KNOWN = {
    "day": Column("day", "date", format="%d/%m/%Y", nullable=True),
    "at": Column("at", "datetime"),
    "size": Column("size", "number", minimum=0.5, missing=("-200",), nullable=True),
    "count": Column("count", "integer"),
    "level": Column("level", "category", categories=("low", "high"), sensitive=True),
    "note": Column("note", "text", max_length=5, nullable=True),
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("day", "31/12/2017", "2017-12-31 00:00:00"),
        ("at", "2017-12-31T10:00:00", "2017-12-31 10:00:00"),
        ("size", " 2.5 ", 2.5),
        ("size", "-200", None),
        ("count", "9007199254740993", 9007199254740993),
        ("level", "low", "low"),
        ("note", "None", "None"),
    ],
)
def test_a_text_is_read_as_a_cell_of_the_source_is(name: str, text: str, value: Any) -> None:
    found = typed_cells({name: text}, KNOWN)
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("day", "12/31/2017", "day: expected a date"),
        ("size", "0.4", "size: expected a number of at least 0.5, found '0.4'"),
        ("count", "", "count: expected a whole number, found nothing"),
        ("level", "lowest", r"level: expected one of low, high, found \(hidden: sensitive\)"),
        ("note", "longer", "note: expected a text of at most 5 characters"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_what_is_expected(name: str, text: str, message: str) -> None:
    with pytest.raises(UnfitCells, match=message):
        typed_cells({name: text}, KNOWN)


def test_an_excused_column_may_lack_its_value_but_not_have_a_wrong_one() -> None:
    assert typed_cells({"count": ""}, KNOWN, {"count"}) == {"count": None}
    with pytest.raises(UnfitCells):
        typed_cells({"count": "x"}, KNOWN, {"count"})


@pytest.mark.parametrize(("name", "text"), [("day", "01/02/2017"), ("size", "0.1"), ("count", "7"), ("note", "")])
def test_a_value_as_text_is_read_as_the_same_value(name: str, text: str) -> None:
    value = typed(pd.Series([text], dtype=object), KNOWN[name])[0].iloc[0]
    again = typed(pd.Series([as_text(None if pd.isna(value) else value, KNOWN[name])]), KNOWN[name])[0].iloc[0]
    assert as_json(again) == as_json(value)
