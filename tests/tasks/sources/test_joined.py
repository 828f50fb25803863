"""Joins of several files: keys, matches, clashes, order, formats."""

import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tasks.rows.typed_rows import TypedRows
from tasks.sources import describe, open_source, source_of
from tasks.sources.joined import open_for
from tasks.sources.joins import joining
from tasks.sources.source import Incremental
from tests.source_rows import gathered, sound_cells
from tests.use_cases import small_use_case

PEOPLE = "id,age\n007,20\n8,21\n9,22\n"


def part(folder: Path, name: str, text: str, **keys: Any) -> dict[str, Any]:
    (folder / name).write_text(text)
    return {"kind": "location", "location": str(folder / name), **keys}


def case(folder: Path, base: str, *joins: dict[str, Any]) -> UseCase:
    return small_use_case(source={"kind": "joined", "base": part(folder, "base.csv", base), "joins": list(joins)})


def rows(found: UseCase) -> dict[str, list[object]]:
    return sound_cells(open_for(found))


def test_columns_of_a_part_are_added_where_the_keys_are_equal_as_the_columns_type(tmp_path: Path) -> None:
    marks = part(tmp_path, "marks.csv", "id;mark\n 08;1,5\n7;2,5\n", delimiter=";")
    found = rows(case(tmp_path, PEOPLE, {"source": marks, "on": ["id"]}))
    assert found == {"id": ["007", "8", "9"], "age": ["20", "21", "22"], "mark": ["2,5", "1,5", None]}
    untyped = case(tmp_path, "code,age\n007,20\n8,21\n", {"source": marks, "on": {"code": "id"}})
    assert rows(untyped)["mark"] == [None, None]  # `code` is no column of the use case: its texts differ


def test_files_of_other_kinds_and_names_are_joined_by_their_values(tmp_path: Path) -> None:
    pq.write_table(pa.table({"person": [9, 7, None], "mark": [3.5, 1.0, 2.0]}), tmp_path / "marks.parquet")
    marks = {"kind": "location", "location": str(tmp_path / "marks.parquet")}
    found = rows(case(tmp_path, PEOPLE, {"source": marks, "on": {"id": "person"}, "prefix": "my_"}))
    assert found["my_mark"] == [1.0, None, 3.5]


def test_rows_keep_the_order_the_line_and_the_malformed_rows_of_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "BATCH_ROWS", 100)
    base = "id,age\n" + "".join(f"{9999 - row},{row}\n" for row in range(5000)) + "short\n"
    marks = part(tmp_path, "marks.csv", "id,mark\n" + "".join(f"{row},m{row}\n" for row in range(9999, 0, -1)))
    found = case(tmp_path, base, {"source": marks, "on": ["id"], "how": "inner"})
    batches = list(source_of(found, None).batches())
    table = pa.Table.from_batches(batches)
    assert max(map(len, batches)) <= 2048  # DuckDB's vectors
    assert table["mark"].to_pylist()[:5000] == [f"m{9999 - row}" for row in range(5000)]
    assert table["__line__"].to_pylist() == list(range(2, 5003))
    assert table["__malformed__"].to_pylist()[5000:] == ["expected 2 cells as in the header, found 1"]


def test_rows_that_match_none_are_kept_left_out_or_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    join = {"source": part(tmp_path, "marks.csv", "id,mark\n8,1\n,5\n"), "on": ["id"]}
    base = PEOPLE + ",23\n"
    with caplog.at_level(logging.INFO):
        assert rows(case(tmp_path, base, join))["mark"] == [None, "1", None, None]
    assert "3 rows match none and are kept, with missing values: id 7; id 9; id is missing" in caplog.text
    assert rows(case(tmp_path, base, {**join, "how": "inner"})) == {"id": ["8"], "age": ["21"], "mark": ["1"]}
    with pytest.raises(SourceError, match="expected a row for each key, found none for 3 rows: id 7; id 9; id is miss"):
        rows(case(tmp_path, base, {**join, "unmatched": "refuse"}))


def test_several_matches_are_refused_with_their_number_and_examples(tmp_path: Path) -> None:
    marks = part(tmp_path, "marks.csv", "id,mark\n7,1\n07,2\n8,1\n5,1\n5,1\n")
    with pytest.raises(SourceError, match=r"marks.csv: expected at most one row .* for 1 keys: id 7: 2 rows\. "):
        rows(case(tmp_path, PEOPLE, {"source": marks, "on": ["id"]}))


def test_several_matches_are_aggregated(tmp_path: Path) -> None:
    marks = part(
        tmp_path, "marks.csv", "id;mark;day\n7;1.002,5;b\n7;-;c\n7;4;a\n8;-;z\n", delimiter=";", decimal=",",
        thousands=".", missing=["-"],
    )  # fmt: skip
    functions = ("count", "sum", "mean", "min", "max", "first", "last")
    aggregate: dict[str, Any] = {function: {"function": function, "of": "mark"} for function in functions}
    aggregate |= {"rows": {"function": "count"}, "last_day": {"function": "last", "of": "day"}}
    found = rows(case(tmp_path, PEOPLE, {"source": marks, "on": ["id"], "aggregate": aggregate}))
    assert {name: values[:2] for name, values in found.items()} == {
        "id": ["007", "8"],
        "age": ["20", "21"],
        "count": [2, 0],
        "sum": [1006.5, None],
        "mean": [503.25, None],
        "min": [4.0, None],
        "max": [1002.5, None],
        "first": ["1.002,5", None],
        "last": ["4", None],
        "rows": [3, 1],
        "last_day": ["a", "z"],
    }
    with pytest.raises(SourceError, match="expected numbers in 'day' to aggregate, found 'b', 'c', 'a'"):
        rows(
            case(
                tmp_path, PEOPLE, {"source": marks, "on": ["id"], "aggregate": {"x": {"function": "sum", "of": "day"}}}
            )
        )


def test_a_part_of_another_format_is_read_by_its_own(tmp_path: Path) -> None:
    more = part(tmp_path, "more.csv", "key;age\n7;1.020,0\n8;?\n9;x\n", delimiter=";", decimal=",", thousands=".",
                missing=["?"])  # fmt: skip
    base = "id,colour,origin,passed\n7,red,here,yes\n8,red,here,no\n9,red,here,no\n"
    found = case(tmp_path, base, {"source": more, "on": {"id": "key"}})
    source = source_of(found, None)
    typed = TypedRows(found, "test", source.format).typed(gathered(source).to_batches()[0])
    assert typed["age"].to_pylist() == [1020, None, None]
    assert typed["unread_cells"].to_pylist() == ["", "", '{"age": "x"}']


def test_a_clash_of_names_is_refused_and_a_prefix_or_a_choice_of_columns_resolves_it(tmp_path: Path) -> None:
    join = {"source": part(tmp_path, "more.csv", "id,age,height\n7,50,180\n"), "on": ["id"]}
    with pytest.raises(SourceError, match="expected names that the rows so far do not have, found 'age' again"):
        rows(case(tmp_path, PEOPLE, join))
    assert list(rows(case(tmp_path, PEOPLE, {**join, "prefix": "their_"}))) == [
        "id",
        "age",
        "their_age",
        "their_height",
    ]
    assert list(rows(case(tmp_path, PEOPLE, {**join, "columns": ["height"]}))) == ["id", "age", "height"]
    with pytest.raises(SourceError, match="expected the columns 'weight', found id, age, height"):
        rows(case(tmp_path, PEOPLE, {**join, "columns": ["weight"]}))


def test_a_join_of_joins_brings_marks_of_assessments_to_the_registrations_of_students(tmp_path: Path) -> None:
    """The files of the Open University Learning Analytics Dataset in small."""
    assessments = part(tmp_path, "assessments.csv", "module,id_assessment,weight\nAAA,1,10\nAAA,2,90\nBBB,3,100\n")
    marks = part(tmp_path, "marks.csv", "id_assessment,id_student,score\n1,7,50\n2,7,70\n3,7,20\n1,8,80\n")
    of_modules = {"kind": "joined", "base": marks, "joins": [{"source": assessments, "on": ["id_assessment"]}]}
    mean = {"mean_score": {"function": "mean", "of": "score"}}
    join = {"source": of_modules, "on": {"module": "module", "id": "id_student"}, "aggregate": mean}
    registrations = part(tmp_path, "registrations.csv", "module,id,day\nAAA,7,-5\nBBB,7,-9\nAAA,8,-1\n")
    base = "module,id\nBBB,7\nAAA,7\nAAA,8\nBBB,8\n"
    found = rows(case(tmp_path, base, join, {"source": registrations, "on": ["module", "id"]}))
    assert found == {
        "module": ["BBB", "AAA", "AAA", "BBB"],
        "id": ["7", "7", "8", "8"],
        "mean_score": [20.0, 60.0, 80.0, None],
        "day": ["-9", "-5", "-1", None],
    }


def test_a_column_of_one_part_may_be_the_key_of_the_next(tmp_path: Path) -> None:
    schools = part(tmp_path, "schools.csv", "id,school\n7,s1\n8,s2\n")
    towns = part(tmp_path, "towns.csv", "name,town\ns2,Kyoto\ns1,Graz\n")
    joins = ({"source": schools, "on": ["id"], "prefix": "my_"}, {"source": towns, "on": {"my_school": "name"}})
    assert rows(case(tmp_path, PEOPLE, *joins))["town"] == ["Graz", "Kyoto", None]
    with pytest.raises(SourceError, match=r"on: expected columns of the rows so far, found 'my_school'\. They have id"):
        rows(case(tmp_path, PEOPLE, joins[1]))
    with pytest.raises(SourceError, match=r"towns.csv: expected the key 'nam', found the columns name, town .*'name'"):
        rows(case(tmp_path, PEOPLE, joins[0], {"source": towns, "on": {"my_school": "nam"}}))


def test_a_malformed_row_of_a_part_is_refused_with_its_line(tmp_path: Path) -> None:
    marks = part(tmp_path, "marks.csv", "id,mark\n7,1\n8\n")
    with pytest.raises(SourceError, match=r"marks.csv: .* found 1 malformed: line 3: expected 2 cells"):
        rows(case(tmp_path, PEOPLE, {"source": marks, "on": ["id"]}))


def test_the_fingerprint_changes_with_every_part(tmp_path: Path) -> None:
    found = case(tmp_path, PEOPLE, {"source": part(tmp_path, "marks.csv", "id,mark\n7,1\n"), "on": ["id"]})
    first = source_of(found, None).fingerprint()
    assert first == source_of(found, None).fingerprint()
    (tmp_path / "marks.csv").write_text("id,mark\n7,12\n")
    assert source_of(found, None).fingerprint() not in (first, None)
    assert not isinstance(source_of(found, None), Incremental)
    assert describe(found.source, None) == f"{tmp_path}/base.csv joined with {tmp_path}/marks.csv"


def test_a_file_of_a_run_replaces_all_parts(tmp_path: Path) -> None:
    found = case(tmp_path, PEOPLE, {"source": part(tmp_path, "marks.csv", "id,mark\n7,1\n"), "on": ["id"]})
    (tmp_path / "all.csv").write_text("id,age,mark\n1,2,3\n")
    assert sound_cells(source_of(found, str(tmp_path / "all.csv"))) == {"id": ["1"], "age": ["2"], "mark": ["3"]}
    assert sound_cells(open_source(found.source, None, "small_one"))["mark"] == [None, None, None]  # texts of keys
