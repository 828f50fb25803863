import csv
import io

import pandas as pd
import pytest

from tasks.spreadsheets import people_csv


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(people_csv(frame))))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\rx", "=", "--"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cells(pd.DataFrame({"a": [text], text: ["b"]})) == [["a", "'" + text], ["'" + text, "b"]]


@pytest.mark.parametrize("text", ["-1", "+1.5", "-1e-3", "a=1", "x", "'=1", " -"])
def test_other_texts_and_numbers_kept_as_text_stay(text: str) -> None:
    assert cells(pd.DataFrame({"a": [text]})) == [["a"], [text]]


def test_numbers_stay_numbers_and_missing_cells_empty() -> None:
    frame = pd.DataFrame({"i": pd.array([-1, None], "Int64"), "n": [-0.5, 2.0], "c": pd.array(["-x", None], "string")})
    assert cells(frame) == [["i", "n", "c"], ["-1", "-0.5", "'-x"], ["", "2.0", ""]]


def test_dates_are_iso_text() -> None:
    days = pd.to_datetime(pd.Series(["2018-11-28", None])).astype("datetime64[us]")
    times = days + pd.Timedelta(hours=9, minutes=5)
    table = people_csv(pd.DataFrame({"day": days, "at": times}))
    assert table == "day,at\r\n2018-11-28,2018-11-28 09:05:00\r\n,\r\n"
