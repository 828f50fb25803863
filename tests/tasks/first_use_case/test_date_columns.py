"""Columns of dates."""

import datetime

import pandas as pd
import pytest

from tabular.formats import USUAL
from tasks.first_use_case.columns import _guess
from tasks.first_use_case.date_columns import date_guess
from tasks.first_use_case.guess import Facts
from tests.tasks.first_use_case.guesses import facts


@pytest.mark.parametrize(
    ("cells", "kind", "format"),
    [
        (["2024-01-31", "2024-02-01"], "date", None),
        (["31/01/2024", "01/02/2024"], "date", "%d/%m/%Y"),
        (["01/31/2024", "02/01/2024"], "date", "%m/%d/%Y"),
        (["31.01.2024", "1.2.2024"], "date", "%d.%m.%Y"),
        (["20240131", "20240201"], "date", "%Y%m%d"),
        (["2024-01-31 10:00", "2024-02-01 11:30"], "datetime", None),
        (["31/01/2024 10:00", "01/02/2024 11:30"], "datetime", "%d/%m/%Y %H:%M"),
    ],
)
def test_the_format_of_dates_is_found(cells: list[str], kind: str, format: str | None) -> None:
    found = date_guess(facts("day", cells))
    assert found is not None
    assert (found.type, found.format) == (kind, format)


def test_a_format_that_can_not_be_told_apart_is_to_check_and_follows_the_order_of_the_rows() -> None:
    found = date_guess(facts("day", ["01/11/2024", "02/11/2024", "01/12/2024", "02/12/2024"]))
    assert found is not None
    assert found.format == "%d/%m/%Y"
    assert found.to_check == ["also fits %m/%d/%Y: compare with the source"]


@pytest.mark.parametrize("cells", [["12345678", "87654321"], ["abc", "2024-01-31"], ["1.5", "2.5"], []])
def test_other_cells_are_no_dates(cells: list[str]) -> None:
    assert date_guess(facts("x", cells)) is None


def test_dates_of_a_typed_file_need_no_format() -> None:
    cells = pd.Series([datetime.date(2024, 1, 31), datetime.date(2024, 2, 1)], dtype=object)
    found = _guess(Facts("day", "day", cells, USUAL))
    assert (found.type, found.format) == ("date", None)
    assert found.reasons[0] == "2024-01-31..2024-02-01"
