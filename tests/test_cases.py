"""The files of `shared/cases`, which lies beside the project where there is one, are read as its README says.

The content of each file is here too, so that the tests run everywhere.
"""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from config.errors import SourceError
from config.sources import LocationSource
from config.use_case import UseCase
from tabular.columns import Column
from tabular.series import typed
from tabular.source_cells import cells
from tasks.sources import open_source
from tasks.sources.source import Source
from tasks.split_positions import _parts_of
from tests.source_rows import gathered, malformed_rows, series_at, sound_cells, typed_frame
from tests.tasks.split_rows import deciding
from tests.use_cases import small_use_case

CASES = Path(os.environ.get("VISHWAOPS_TEST_CASES", Path(__file__).parents[2] / "shared" / "cases"))
Rows = dict[str, list[str]]

FILES: dict[str, bytes] = {
    "trailing_delimiter": b"age,hours,score\n20,30,50,\n21,31,51,\n22,32,52,\n23,33,53,\n24,34,54,\n25,35,55,\n",
    "long_first_row": b"a,b,c\n1,2,3,7\n4,5,6\n",
    "long_later_row": b"a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n",
    "short_row": b"a,b,c\n1,2,3\n4,5\n6,7,8\n",
    "r_row_names": b'"","a","b"\n"1",10,20\n"2",11,21\n',
    "big_integers": b"id,x\n740245381351497731,1\n740245381351497732,2\n740245381351497999,3\n9007199254740992,4\n"
    b"9007199254740993,5\n",
    "equal_headers": b"id,amount,amount\n1,5,6\n2,7,8\n",
    "equal_headers_after_trimming": b"id,amount, amount\n1,5,6\n2,7,8\n",
    "booleans": b"id,joined\n1,True\n2,False\n3,true\n4,FALSE\n5,1\n6,0\n",
    "sep_line": b"sep=;\nid;x\n1;2\n3;4\n",
    "blank_first_line": b"\nid;x\n1;2\n3;4\n",
    "comment_line": b"# exported 2024-03-01\nid,x\n1,2\n3,4\n",
    "delimiter_in_quoted_header": b'id,"note; a;b;c;d;e;f;g"\n1,x\n2,y\n',
    "decimal_comma": b'id;hours\n1;"1.234,5"\n2;7,25\n',
    "headerless": b"39, State-gov, 77516, <=50K\n50, ?, 83311, >50K\n",
    "latin1": b"id;city\n1;M\xe1laga\n2;K\xf6ln\n",
    "day_month_year": b"day,y\n01/12/2017,0\n25/12/2017,1\n05/01/2018,2\n30/01/2018,3\n02/02/2018,4\n28/11/2018,5\n",
    "quoted_newlines": b'id,note\n1,"first\nsecond"\n2,"a ""quoted"" word"\n',
    "no_target": b"id,hours,score\n1,5,50\n2,6,\n3,7,70\n4,8,NA\n",
}
TWO_ROWS = {"id": ["1", "3"], "x": ["2", "4"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the case's file is written."""
    return tmp_path


def read(name: str, folder: Path, **source: object) -> Source:
    path = folder / f"{name}.csv"
    path.write_bytes(FILES[name])
    configured = LocationSource.model_validate({"kind": "location", "location": str(path), **source})
    return open_source(configured, None, "case")


def test_the_cases_are_those_beside_the_project() -> None:
    if not CASES.is_dir():
        pytest.skip("no cases in $VISHWAOPS_TEST_CASES or beside the project")
    assert {name: (CASES / f"{name}.csv").read_bytes() for name in FILES} == FILES


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("trailing_delimiter", {},
         {"age": ["20", "21", "22", "23", "24", "25"], "hours": ["30", "31", "32", "33", "34", "35"],
          "score": ["50", "51", "52", "53", "54", "55"]}),
        ("r_row_names", {}, {"a": ["10", "11"], "b": ["20", "21"]}),
        ("sep_line", {}, TWO_ROWS),
        ("blank_first_line", {}, TWO_ROWS),
        ("comment_line", {}, TWO_ROWS),
        ("delimiter_in_quoted_header", {}, {"id": ["1", "2"], "note; a;b;c;d;e;f;g": ["x", "y"]}),
        ("latin1", {"encoding": "latin-1"}, {"id": ["1", "2"], "city": ["Málaga", "Köln"]}),
        ("quoted_newlines", {}, {"id": ["1", "2"], "note": ["first\nsecond", 'a "quoted" word']}),
        ("headerless", {"header": ["age", "work", "weight", "pay"]},
         {"age": ["39", "50"], "work": ["State-gov", "?"], "weight": ["77516", "83311"], "pay": ["<=50K", ">50K"]}),
    ],
)  # fmt: skip
def test_the_case_is_read_right(name: str, source: dict[str, object], expected: Rows, folder: Path) -> None:
    rows = read(name, folder, **source)
    assert sound_cells(rows) == expected
    assert not malformed_rows(rows)


@pytest.mark.parametrize(
    ("name", "line", "kept"),
    [
        ("long_first_row", 2, {"a": ["4"], "b": ["5"], "c": ["6"]}),
        ("long_later_row", 3, {"a": ["1", "8"], "b": ["2", "9"], "c": ["3", "10"]}),
        ("short_row", 3, {"a": ["1", "6"], "b": ["2", "7"], "c": ["3", "8"]}),
    ],
)
def test_the_row_of_another_length_is_set_apart_with_its_line(name: str, line: int, kept: Rows, folder: Path) -> None:
    rows = read(name, folder)
    assert sound_cells(rows) == kept
    assert [row.line for row in malformed_rows(rows)] == [line]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("equal_headers", r"found 'amount' more than once"),
        ("equal_headers_after_trimming", r"found 'amount' more than once"),
        ("latin1", r"line 2: expected text in utf-8, found the byte 0xe1. Write `encoding: latin-1`"),
    ],
)
def test_the_case_is_refused_with_what_to_do(name: str, message: str, folder: Path) -> None:
    with pytest.raises(SourceError, match=message):
        gathered(read(name, folder))


@pytest.mark.parametrize("words", [("no", "yes"), ("N", "Y"), ("false", "true"), ("0", "1"), ("off", "on")])
def test_booleans_mean_the_same_in_csv_and_parquet_for_every_pair_of_words(
    words: tuple[str, str], folder: Path
) -> None:
    pd.DataFrame({"joined": [True, False] * 3}).to_parquet(folder / "rows.parquet")
    for name in ("booleans.csv", "rows.parquet"):
        read("booleans", folder)
        values, bad = typed(series_at(str(folder / name), "joined"), Column("joined", "category", categories=words))
        assert values.tolist() == [words[1], words[0]] * 3
        assert not bad.any()


def with_hours(**source: object) -> UseCase:
    return small_use_case(
        source={"kind": "location", **source},
        columns={"id": {"type": "integer"}, "hours": {"type": "number"}},
        target={"column": "long", "task": "binary", "rule": "hours > 100", "classes": ["no", "yes"]},
        features=["id"],
        key=[],
    )


def test_decimal_commas_are_read_if_the_source_sets_them_and_otherwise_suggested(folder: Path) -> None:
    marks = {"decimal": ",", "thousands": "."}
    frame = typed_frame(with_hours(**marks), read("decimal_comma", folder, **marks), "rows.csv")
    assert frame["hours"].tolist() == [1234.5, 7.25]
    with pytest.raises(
        SourceError, match=r'hours: expected numbers with a decimal point, found 2 of 2 .*`decimal: ","'
    ):
        typed_frame(with_hours(), read("decimal_comma", folder), "rows.csv")


def test_a_marker_of_one_column_is_missing_only_there(folder: Path) -> None:
    rows = read("headerless", folder, header=["age", "work", "weight", "pay"])
    work_cells = cells(gathered(rows)["work"].combine_chunks())
    work = Column("work", "category", nullable=True, missing=("?",))
    assert typed(work_cells, work)[0].isna().tolist() == [False, True]
    assert typed(work_cells, replace(work, missing=()))[0].tolist() == ["State-gov", "?"]


def test_big_integers_keep_every_digit_in_csv_and_parquet(folder: Path) -> None:
    ids = [740245381351497731, 740245381351497732, 740245381351497999, 9007199254740992, 9007199254740993]
    assert sound_cells(read("big_integers", folder))["id"] == [str(number) for number in ids]
    pd.DataFrame({"id": pd.array([*ids, None], "Int64")}).to_parquet(folder / "rows.parquet")
    assert series_at(str(folder / "rows.parquet"), "id").tolist()[:5] == ids


def by_day(**day: object) -> UseCase:
    return small_use_case(
        columns={"day": {"type": "date", **day}, "y": {"type": "number"}, "x": {"type": "number"}},
        target={"column": "y", "task": "regression"},
        features=["x"],
        key=["day"],
        split={"by": "time", "column": "day", "validation": 0.2, "test": 0.1},
        candidates=[{"name": "ridge", "algorithm": "ridge"}],
        evaluation={"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}]},
    )


def test_a_time_split_tests_on_the_latest_day_of_dates_written_day_month_year(folder: Path) -> None:
    case, rows = by_day(format="%d/%m/%Y"), sound_cells(read("day_month_year", folder))
    frame = typed_frame(case, pd.DataFrame(rows).assign(x="1"), "rows.csv")
    part_of = _parts_of(case, deciding(case, frame))
    days = [[str(day.date()) for day in frame["day"][part_of == part]] for part in range(3)]
    assert days == [["2017-12-01", "2017-12-25", "2018-01-05", "2018-01-30"], ["2018-02-02"], ["2018-11-28"]]


def test_dates_written_day_month_year_without_a_format_are_refused_with_the_one_that_reads_them(folder: Path) -> None:
    rows = sound_cells(read("day_month_year", folder))
    with pytest.raises(SourceError) as refused:
        typed_frame(by_day(), pd.DataFrame(rows).assign(x="1"), "rows.csv")
    assert str(refused.value) == (
        "rows.csv: day: expected a date such as 2017-12-31 (year, month, day), found 6 of 6 in another format. "
        'Write `type: date, format: "%d/%m/%Y"` in columns.day of small_one'
    )
