import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tasks.ingest import ingest
from tasks.landing import versions
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.sources import source_of
from tests.source_rows import typed_frame
from tests.use_cases import load_use_case, small_use_case

ROWS = "id,age,colour,origin,passed\n1,12,red,here,yes\n2,13,,there,no\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> str:
    path = folder / "rows.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_the_same_rows_twice_are_one_version(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="ingest_twice")
    first = ingest.fn(case, write(tmp_path, ROWS))
    second = ingest.fn(case, write(tmp_path, ROWS))
    assert second == first
    assert [version.digest for version in versions.versions(case.name)] == [first.digest]


def test_rows_that_differ_in_one_cell_are_another_version(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="ingest_change")
    first = ingest.fn(case, write(tmp_path, ROWS))
    second = ingest.fn(case, write(tmp_path, ROWS.replace("12", "14")))
    assert [version.digest for version in versions.versions(case.name)] == [second.digest, first.digest]


def test_byte_order_mark_delimiter_and_line_ends_do_not_make_another_version(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="ingest_bom")
    plain = ingest.fn(case, write(tmp_path, ROWS))
    dressed = ROWS.replace(",", ";").replace("\n", "\r\n").replace("age", "age\t")
    assert ingest.fn(case, write(tmp_path, dressed, "utf-8-sig")).digest == plain.digest


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS.replace("colour", "color"))
    with pytest.raises(
        SourceError, match=r"rows.csv: lacks 1 column\(s\): expected 'colour'; found 'id', 'age', 'color'"
    ):
        ingest.fn(small_use_case(), path)


def test_columns_have_their_types_and_unreadable_cells_are_kept_as_text(tmp_path: Path) -> None:
    raw = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "age": ["12", "old", ""],
            "colour": ["red", "", "green"],
            "origin": ["here", "there", "here"],
            "passed": ["no", "yes", "no"],
        }
    )
    frame = typed_frame(small_use_case(), raw)
    assert frame.dtypes.astype(str).to_dict() == {
        "id": "Int64", "age": "Int64", "colour": "string", "origin": "string", "passed": "string", UNREAD: "string",
        FILE: "string", LINE: "Int64", MALFORMED: "string", TEXT: "string",
    }  # fmt: skip
    assert frame["age"].isna().tolist() == [False, True, True]
    assert [json.loads(cell) if cell else {} for cell in frame[UNREAD]] == [{}, {"age": "old"}, {}]


def test_codes_read_as_numbers_are_the_same_categories_as_codes_read_as_text() -> None:
    case = load_use_case("student_grades")
    numbers = pd.DataFrame({name: [1.0, float("nan")] for name in case.columns})
    assert typed_frame(case, numbers)["male"].tolist() == ["1", pd.NA]


def test_a_version_has_its_source_rows_digest_and_time(bucket: str, tmp_path: Path) -> None:
    version = ingest.fn(
        small_use_case(name="ingest_manifest"),
        write(tmp_path, ROWS.replace("passed", "passed,extra").replace("yes", "yes,1").replace("no\n", "no,2\n")),
    )
    stored = versions.find("ingest_manifest", version.digest)
    assert (stored.rows, stored.digest, stored.left_out) == (2, version.digest, ("extra",))
    assert stored.source.endswith("rows.csv")
    assert abs(datetime.now(UTC) - stored.at) < timedelta(hours=1)


def test_the_lines_that_rows_are_on_do_not_make_another_version(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="ingest_lines")
    plain = ingest.fn(case, write(tmp_path, ROWS))
    spread = ingest.fn(case, write(tmp_path, "# exported\n\n" + ROWS.replace("\n2,", "\n\n2,")))
    assert spread.digest == plain.digest


def test_malformed_rows_make_another_version_and_are_counted(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="ingest_malformed")
    plain = ingest.fn(case, write(tmp_path, ROWS))
    version = ingest.fn(case, write(tmp_path, ROWS + "3,short\n"))
    assert version.digest != plain.digest
    assert (version.rows, version.malformed) == (2, 1)
    assert versions.find(case.name, version.digest).malformed == 1


def test_a_file_without_a_header_is_read_by_the_schema_s_names_and_else_the_error_suggests_it(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS.split("\n", 1)[1])
    with pytest.raises(SourceError, match=r"lacks 5 column\(s\).*no header, write the names .*`header: "):
        ingest.fn(small_use_case(), path)
    case = small_use_case(source={"kind": "location", "header": "none"})
    assert typed_frame(case, source_of(case, path))["age"].tolist() == [12, 13]


def test_a_marker_of_the_file_or_the_column_is_a_missing_value(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS.replace("red", "?").replace("13", "-9"))
    columns = small_use_case().model_dump()["columns"]
    columns["age"] |= {"nullable": True, "missing": ["-9"]}
    case = small_use_case(source={"kind": "location", "missing": ["?"]}, columns=columns)
    frame = typed_frame(case, source_of(case, path))
    assert frame["age"].tolist() == [12, pd.NA]
    assert frame["colour"].isna().all()
    assert (frame[UNREAD] == "").all()


def test_a_column_of_lists_is_refused_by_name_only_where_it_is_needed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1], "age": [[12]], "colour": ["red"], "origin": ["here"], "passed": ["no"]})
    frame.assign(extra=[[1]]).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(SourceError, match=r"expected columns of single values, found 'age' of list<.*>\. Write"):
        ingest.fn(small_use_case(), str(tmp_path / "rows.parquet"))
    frame.assign(age=12, extra=[[1]]).to_parquet(tmp_path / "rows.parquet")
    assert typed_frame(small_use_case(), source_of(small_use_case(), str(tmp_path / "rows.parquet")))[
        "age"
    ].tolist() == [12]


def with_numbers(**source: object) -> UseCase:
    return small_use_case(
        source={"kind": "location", **source},
        columns={
            "id": {"type": "integer"},
            "hours": {"type": "number", "nullable": True},
            "city": {"type": "category", "nullable": True},
        },
        target={"column": "long", "task": "binary", "rule": "hours > 100", "classes": ["no", "yes"]},
        features=["id"],
        key=[],
    )


def read_as(case: UseCase, path: Path) -> pd.DataFrame:
    return typed_frame(case, source_of(case, str(path)), "rows")


def test_a_thousands_mark_is_not_read_as_a_decimal_point_beside_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id;hours;city\n" + "1;1.234;x\n" * 99 + "2;1.234,5;x\n")
    with pytest.raises(SourceError, match=r'found 1 of 100 in another format. Write `decimal: ",", thousands: "."`'):
        read_as(with_numbers(), path)
    assert read_as(with_numbers(decimal=",", thousands="."), path)["hours"].tolist()[-2:] == [1234, 1234.5]


def test_the_missing_codes_of_a_file_are_missing_in_csv_and_parquet_however_they_are_written(tmp_path: Path) -> None:
    case = with_numbers(missing=["-99", "?"])
    (tmp_path / "rows.csv").write_text("id,hours,city\n1,-99.00,?\n2,3.5,x\n-99,1,x\n")
    table = {"id": [1, 2, -99], "hours": [-99.0, 3.5, 1.0], "city": ["?", "x", "x"]}
    pq.write_table(pa.table(table), tmp_path / "rows.parquet")
    for name in ("rows.csv", "rows.parquet"):
        frame = read_as(case, tmp_path / name)
        assert frame.isna()[["id", "hours", "city"]].to_numpy().tolist() == [
            [False, True, True], [False, False, False], [True, False, False]
        ]  # fmt: skip
    assert read_as(with_numbers(), tmp_path / "rows.parquet")["hours"].tolist() == [-99.0, 3.5, 1.0]


def test_the_marks_of_a_file_are_those_of_texts_in_parquet_and_not_of_its_numbers(tmp_path: Path) -> None:
    for hours in (pa.array(["1.234,5", "7"]), pa.array([Decimal("1234.500"), Decimal("7.000")])):
        pq.write_table(pa.table({"id": [1, 2], "hours": hours, "city": ["x", "y"]}), tmp_path / "rows.parquet")
        frame = read_as(with_numbers(decimal=",", thousands="."), tmp_path / "rows.parquet")
        assert frame["hours"].tolist() == [1234.5, 7]


def test_a_message_lists_some_of_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(",".join(f"c{number}" for number in range(500)) + "\n" + ",".join(["1"] * 500))
    with pytest.raises(SourceError, match=r"found 'c0', .*'c19', and 480 more\. Add them"):
        read_as(with_numbers(), path)
