import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabular.checks import check
from tabular.columns import Column, ColumnType
from tabular.date_formats import described, problems
from tabular.dates import suggest_formats
from tabular.series import typed

DAY, AT = Column("day", "date"), Column("at", "datetime")
AHEAD = timezone(timedelta(hours=2))


def cell(value: Any, format: str | None = None, kind: ColumnType = "date", **column: Any) -> Any:
    """Return a date as ISO text, alone and among other values; None for a missing one, or "refused"."""
    known = Column("x", kind, format=format, **column)
    answers = set()
    for cells in (pd.Series([value]), pd.Series([value, "x", None, 1.5, date(2018, 1, 1)], dtype=object)):
        found, bad = typed(cells, known)
        assert found.dtype == "datetime64[us]"
        assert not bad[0] or found.isna()[0]
        answers.add("refused" if bad[0] else None if found.isna()[0] else found[0].isoformat())
    (answer,) = answers
    return answer.removesuffix("T00:00:00") if answer else answer


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        (None, "2018-11-28", "2018-11-28"),
        ("%d/%m/%Y", "05/01/2018", "2018-01-05"),
        ("%d/%m/%Y", " 5/1/2018 ", "2018-01-05"),
        ("%m/%d/%Y", "05/01/2018", "2018-05-01"),
        ("%d/%m/%Y", "29/02/2020", "2020-02-29"),
        ("%d/%m/%Y", "29/02/2000", "2000-02-29"),
        ("%d/%m/%Y", "01/01/0001", "0001-01-01"),
        ("%d/%m/%Y", "31/12/9999", "9999-12-31"),
        ("%d.%m.%Y", "28.11.2018", "2018-11-28"),
        ("%Y%m%d", "20181128", "2018-11-28"),
        ("%d-%b-%Y", "28-NOV-2018", "2018-11-28"),
        ("%B %d, %Y", "november 8, 2018", "2018-11-08"),
        ("%d%b%y", "01Jan69", "1969-01-01"),
        ("%d%b%y", "01Dec68", "2068-12-01"),
        ("%%%d|%m|%Y", "%28|11|2018", "2018-11-28"),
    ],
)
def test_a_date_is_read_by_its_format(format: str | None, text: str, expected: str) -> None:
    assert cell(text, format) == expected


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (None, "28/11/2018"), (None, "2018-11-28 00:00:00"), (None, "2018-11"), (None, "today"), (None, "0000-01-01"),
        ("%d/%m/%Y", "30/02/2018"), ("%d/%m/%Y", "29/02/1900"), ("%d/%m/%Y", "31/04/2018"), ("%d/%m/%Y", "01/13/2018"),
        ("%d/%m/%Y", "00/01/2018"), ("%d/%m/%Y", "01/00/2018"), ("%d/%m/%Y", "2018-01-30"), ("%d/%m/%Y", "1/1/18"),
        ("%d/%m/%Y", "01/01/2018x"), ("%d/%m/%Y", "x01/01/2018"), ("%d/%m/%Y", "01/01/2018\n2"),
        ("%d/%m/%Y", "001/01/2018"), ("%d/%m/%Y", "01/01/12018"), ("%d/%m/%Y", "-1/01/2018"),
        ("%d.%m.%Y", "28x11x2018"), ("%d%m%Y", "1122017"), ("%d-%b-%Y", "28-Okt-2018"), ("%d/%m/%Y", "٠١/01/2018"),
        ("%d-%b-%Y", "28-November-2018"),
    ],
)  # fmt: skip
def test_a_text_that_does_not_fit_is_refused_and_never_guessed(format: str | None, text: str) -> None:
    assert cell(text, format) == "refused"


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        (None, "2018-11-28T10:30:15", "2018-11-28T10:30:15"),
        (None, "2018-11-28 10:30", "2018-11-28T10:30:00"),
        (None, "2018-11-28", "2018-11-28"),
        (None, "2018-11-28T10:30:15.25", "2018-11-28T10:30:15.250000"),
        (None, "2018-11-28T10:30:15Z", "2018-11-28T10:30:15"),
        (None, "2018-11-28T00:30:00+01:00", "2018-11-27T23:30:00"),
        (None, "2018-11-28T23:30:00-0100", "2018-11-29T00:30:00"),
        ("%m/%d/%Y %I:%M %p", "11/28/2018 12:05 am", "2018-11-28T00:05:00"),
        ("%m/%d/%Y %I:%M %p", "11/28/2018 12:05 PM", "2018-11-28T12:05:00"),
        ("%m/%d/%Y %I:%M %p", "11/28/2018 1:05 PM", "2018-11-28T13:05:00"),
        ("%d/%m/%Y %H:%M:%S %z", "28/11/2018 10:30:15 +02:00", "2018-11-28T08:30:15"),
        (None, "2018-11-28T24:00:00", "refused"),
        (None, "2018-11-28T10:60:00", "refused"),
        (None, "2018-11-28T10:30:60", "refused"),
        (None, "2018-11-28T10:30:15.1234567", "refused"),
        (None, "2018-11-28T10:30:00+24:00", "refused"),
        (None, "0001-01-01T00:00:00+01:00", "refused"),
        (None, "0000-12-31T23:30:00-01:00", "refused"),
        ("%m/%d/%Y %I:%M %p", "11/28/2018 13:05 PM", "refused"),
        ("%m/%d/%Y %I:%M %p", "11/28/2018 0:05 PM", "refused"),
        ("%d/%m/%Y %H:%M:%S %z", "28/11/2018 10:30:15", "refused"),
    ],
)
def test_a_time_with_an_offset_becomes_utc_and_one_without_stays(format: str | None, text: str, expected: str) -> None:
    assert cell(text, format, "datetime") == expected


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize("value", [None, "", " ", "NaN", "n/a", float("nan"), pd.NaT, pd.NA])
def test_a_missing_date_is_missing_not_refused(value: object, kind: ColumnType) -> None:
    assert cell(value, None, kind) is None


@pytest.mark.parametrize("value", ["?", "01/01/1900", "1/1/1900", date(1900, 1, 1), pd.Timestamp("1900-01-01")])
def test_a_columns_own_marker_is_missing_as_text_and_as_date(value: object) -> None:
    assert cell(value, "%d/%m/%Y", missing=("?", "01/01/1900")) is None


@pytest.mark.parametrize("value", [True, 1.5, 10**30, [1], {"a": 1}, b"\xff", "\ud800", float("inf"), "nat"])
def test_what_is_no_date_is_refused(value: object) -> None:
    assert cell(value, "%Y%m%d") == cell(value, None, "datetime") == "refused"


@pytest.mark.parametrize("value", [20181128, 20181128.0, np.int64(20181128), "20181128"])
def test_a_date_of_digits_is_the_same_as_number_and_as_text(value: object) -> None:
    assert cell(value, "%Y%m%d") == "2018-11-28"


@pytest.mark.parametrize(
    ("value", "day", "at"),
    [
        (date(2018, 1, 30), "2018-01-30", "2018-01-30"),
        (datetime(2018, 1, 30), "2018-01-30", "2018-01-30"),
        (pd.Timestamp("2018-01-30 10:30"), "refused", "2018-01-30T10:30:00"),
        (datetime(2018, 1, 30, tzinfo=UTC), "2018-01-30", "2018-01-30"),
        (datetime(2018, 1, 30, tzinfo=AHEAD), "2018-01-30", "2018-01-29T22:00:00"),
        (pd.Timestamp("2018-01-30", tz="Asia/Kolkata"), "2018-01-30", "2018-01-29T18:30:00"),
        (pd.Timestamp(1), "refused", "refused"),
        (datetime(1, 1, 1, tzinfo=AHEAD), "0001-01-01", "refused"),
    ],
)
def test_a_parquet_date_is_read_with_any_format(value: Any, day: str, at: str) -> None:
    assert cell(value, "%d/%m/%Y") == day
    assert cell(value, None, "datetime") == at


def test_typed_dates_are_themselves_again() -> None:
    found, bad = typed(pd.Series([date(2018, 1, 30), None]), DAY)
    assert not bad.any()
    for column in (DAY, AT):
        assert typed(found, column)[0].equals(found)


@given(st.dates(), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%m-%d-%Y", "%Y%m%d", "%d %b %Y", "%B %d %Y"]))
def test_every_date_is_read_back(day: date, format: str) -> None:
    text = day.strftime(format.replace("%Y", f"{day.year:04}"))
    assert cell(text, format) == day.isoformat()


@given(st.datetimes(timezones=st.timezones()))
def test_every_time_is_read_back_in_utc(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return
    for value in (moment, expected, expected.isoformat(), f"{expected.isoformat()}Z"):
        assert typed(pd.Series([value], dtype=object), AT)[0][0] == expected


def test_dates_are_shown_as_iso_text_and_hidden_where_sensitive() -> None:
    column = Column("day", "date", minimum=datetime(2018, 1, 1))
    rows = pd.DataFrame({"day": [date(2017, 12, 31), pd.Timestamp("2018-01-01"), datetime(2018, 1, 1, 9), "1/1/2018"]})
    assert [(problem.row, problem.found) for problem in check(rows, [column]).problems()] == [
        (0, "2017-12-31"),
        (2, "2018-01-01 09:00:00"),
        (3, "'1/1/2018'"),
    ]
    secret = Column("day", "date", sensitive=True)
    assert secret.shown(date(2017, 12, 31)) == "(hidden: sensitive)"


@pytest.mark.parametrize(
    ("format", "kind", "words"),
    [
        (None, "date", "a date such as 2017-12-31 (year, month, day)"),
        ("%d/%m/%Y", "date", "a date such as 31/12/2017 (day, month, year)"),
        ("%d-%b-%y", "date", "a date such as 31-Dec-17 (day, month, two-digit year from 1969 to 2068)"),
        ("%d.%m.%Y %I %p", "datetime", "a date and time such as 31.12.2017 11 PM (day, month, year, hour, AM or PM)"),
        (
            None,
            "datetime",
            "a date and time such as 2017-12-31T23:59:58 (year, month, day, hour, minute, second)",
        ),
    ],
)
def test_a_format_is_described_by_an_example_and_its_parts(format: str | None, kind: ColumnType, words: str) -> None:
    assert described(format, kind) == words
    example = words.split(" such as ")[1].split(" (")[0]
    assert cell(example, format, kind) not in (None, "refused")


@pytest.mark.parametrize(
    ("format", "kind", "problem"),
    [
        ("%d/%m", "date", "expected codes of a day, a month and a year; found no year in '%d/%m'"),
        ("", "date", "found no day and no month and no year in ''"),
        ("%c", "date", "expected only the codes %Y, .* which are read the same everywhere; found %c"),
        ("%x", "date", "found %x"),
        ("%X %d/%m/%Y", "datetime", "found %X"),
        ("%A %d/%m/%Y", "date", "found %A"),
        ("%d/%m/%Y%", "date", "found %$"),
        ("%d/%m/%Y %d", "date", "expected each part of a date once; found the day more than once"),
        ("%d/%m/%b/%Y", "date", "found the month more than once"),
        ("20%y-%m-%d", "date", "expected no digits next to the codes; found '20%y-%m-%d'"),
        ("%d/%m/%Y %H", "date", "expected a date without a time; found %H. Write `type: datetime`"),
        ("%d/%m/%Y", "datetime", "expected an hour, %H; found none. Write `type: date`"),
        ("%d/%m/%Y %I", "datetime", "expected %I only with its %p; found it without"),
        ("%d/%m/%Y %H:%S", "datetime", "expected %S only with its minute; found it without"),
    ],
)
def test_a_format_without_a_whole_date_is_refused(format: str, kind: str, problem: str) -> None:
    (found,) = problems(format, kind)
    assert re.search(problem, found)


@pytest.mark.parametrize(
    ("texts", "count", "keys"),
    [
        (["01/02/2018", "03/04/2018"], 2, '`type: date, format: "%d/%m/%Y"` or `type: date, format: "%m/%d/%Y"`'),
        (["01/02/2018", "13/04/2018", "old"], 2, '`type: date, format: "%d/%m/%Y"`'),
        (["13/04/2018", "04/13/2018"], 2, ""),
        (["2018-11-28"], 1, "`type: date`"),
        (["2018-11-28T10:30:00Z"], 1, "`type: datetime`"),
        (["11/28/2018 1:05 PM"], 1, '`type: datetime, format: "%m/%d/%Y %I:%M %p"`'),
        (["old"], 0, ""),
        ([], 0, ""),
    ],
)
def test_the_formats_that_read_all_dates_are_suggested(texts: list[str], count: int, keys: str) -> None:
    assert suggest_formats(texts) == (count, keys)
