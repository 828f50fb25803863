"""Checks of stored rows: reasons, severities, and the separation of rows."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from config.errors import ConfigError
from tasks.rows.checking import Checks
from tasks.rows.row_database import row_database
from tasks.rows.rules import MALFORMED_ROW
from tasks.rows.separation import separate
from tasks.rows.suites import build_suite
from tests.tasks.rows.checks import CASE, Found, check, parquet_files
from tests.use_cases import small_use_case

Changes = tuple[dict[str, Any], ...]
REPEATED = "id: expected unique values, found another row with the same"
AGE = "age: expected a whole number from 10 to 30, found "


def quality(**settings: Any) -> Any:
    return small_use_case(quality={"minimum_rows": 1, "maximum_quarantined_share": 0.5, **settings})


def test_a_row_fits_or_lacks_only_its_target_or_has_reasons(tmp_path: Path) -> None:
    changes: Changes = (
        {},
        {"passed": None},
        {"age": 99},
        {"age": 99, "passed": None},
        {"colour": None},
    )
    found = check(tmp_path, *changes)
    target = "passed: expected one of no, yes, found nothing"
    assert (found.ids, found.lacking["id"].to_pylist()) == ([1, 5], [2])
    assert found.reasons == {2: [f"{AGE}99"], 3: [f"{AGE}99", target]}


def test_a_cell_that_could_not_be_read_is_one_reason_with_its_text(tmp_path: Path) -> None:
    unread = r'{"age": "old", "colour": "\"origin\": 1"}'
    found = check(tmp_path, {"age": None, "colour": None, "unread_cells": unread}, {"age": None})
    colour = """colour: expected one of green, red, found '"origin": 1'"""
    assert found.reasons == {0: [f"{AGE}'old'", colour], 1: [f"{AGE}nothing"]}
    assert found.quarantine["unread_cells"].to_pylist() == [unread, ""]


def test_a_malformed_row_is_judged_by_nothing_else(tmp_path: Path) -> None:
    empty = dict.fromkeys(CASE.columns)
    found = check(tmp_path, {**empty, "malformed": "expected 5 cells", "text": "1,2", "source_line": 7}, {})
    assert found.reasons == {0: [f"{MALFORMED_ROW}: expected 5 cells"]}
    assert found.quarantine.select(["source_line", "text"]).to_pylist() == [{"source_line": 7, "text": "1,2"}]
    assert "malformed" not in found.quarantine.schema.names


def test_every_row_of_a_repeated_key_has_that_reason_whatever_the_batches(tmp_path: Path) -> None:
    changes: Changes = ({}, {"id": 7}, {"id": 8, "age": 99}, {"id": 7}, {"id": 9}, {"id": None})
    for size in (1000, 1):
        found = check(tmp_path, *changes, batch_rows=size)
        nothing = "id: expected a whole number of at least 1, found nothing"
        assert found.reasons == {1: [REPEATED], 2: [f"{AGE}99"], 3: [REPEATED], 5: [nothing]}


def test_rows_keep_their_order_and_numbers_over_files_with_each_its_own_place(tmp_path: Path) -> None:
    paths = parquet_files(CASE, tmp_path, [{"age": 99}, {}], [{}, {"age": 98, "source_file": "b.csv"}], [{"age": 97}])
    with row_database(paths, list(CASE.columns)) as database:
        checked = Checks(database, CASE, build_suite(CASE)).run({})
        found = Found(CASE, checked, separate(database, CASE, checked, 10))
    assert found.ids == [2, 3]
    assert found.reasons == {0: [f"{AGE}99"], 3: [f"{AGE}98"], 4: [f"{AGE}97"]}
    (shown,) = found.separated.quarantined.examples.values()
    assert shown == [f"line 2: {AGE}99", f"b.csv, line 2: {AGE}98", f"line 2: {AGE}97"]


def test_a_warning_is_counted_and_its_rows_stay(tmp_path: Path) -> None:
    case = quality(rows=[{"rule": "age < 20", "severity": "warn"}, {"rule": "age < 25", "description": "young people"}])
    found = check(tmp_path, {}, {"age": 22}, {"age": 27}, {"age": None}, case=case)
    assert found.ids == [1, 2]
    assert found.reasons == {2: ["age: expected young people, found 27"], 3: [f"{AGE}nothing"]}
    failed = {rule.title: found.checked.failures.get(rule.number, 0) for rule in found.checked.rules}
    assert failed["age: age < 20"] == 2


def test_a_rule_over_several_columns_names_them_and_hides_sensitive_values(tmp_path: Path) -> None:
    case = quality(rows=[{"rule": 'age >= 18 or colour == "red" or origin == "there"'}])
    found = check(tmp_path, {"colour": "green"}, {}, {"colour": "green", "age": 20}, case=case)
    rule = 'age >= 18 or colour == "red" or origin == "there"'
    expected = f"age, colour, origin: expected {rule}, found age 15, colour 'green', origin (hidden: sensitive)"
    assert found.reasons == {0: [expected]}


def test_values_must_exist_in_the_other_table(tmp_path: Path) -> None:
    reference = {"columns": ["colour", "age"], "file": "colours.csv", "other_columns": ["name", "years"]}
    known = pa.table({"0": ["red", "green"], "1": pa.array([15, 20], pa.int64())})
    changes: Changes = ({}, {"age": 20}, {"colour": None}, {"colour": "green", "age": 20})
    found = check(tmp_path, *changes, case=quality(references=[reference]), references={0: known})
    expected = "colour, age: expected values of name, years in colours.csv, found colour 'red', age 20"
    assert found.reasons == {1: [expected]}
    assert found.ids == [1, 3, 4]


@pytest.mark.parametrize(
    ("settings", "ids", "reasons"),
    [
        ("keep", [1, 2], {0: [REPEATED], 2: [REPEATED]}),
        ("drop", [7, 1, 2], {}),
        ("quarantine", [7, 1, 2], {2: ["row: expected no repetition of an earlier row, found the same as row 0"]}),
    ],
)
def test_duplicates_are_kept_dropped_or_quarantined(
    tmp_path: Path, settings: str, ids: list[int], reasons: dict[int, list[str]]
) -> None:
    changes: Changes = (
        {"id": 7},
        {"id": 1},
        {"id": 7},
        {"id": 2},
        {"id": 8, "age": 99},
        {"id": 8, "age": 99},
    )
    found = check(tmp_path, *changes, case=quality(duplicates=settings))
    bad = {4: [f"{AGE}99", REPEATED], 5: [f"{AGE}99", REPEATED]}
    assert found.ids == ids
    assert found.reasons == {**reasons, **bad}
    dropped = found.separated.dropped
    assert (found.checked.duplicates, dropped) == {"keep": (2, 0), "drop": (1, 1), "quarantine": (1, 0)}[settings]


def test_of_rows_that_are_equal_in_some_columns_the_first_good_one_is_kept(tmp_path: Path) -> None:
    case = small_use_case(
        key=[],
        quality={
            "minimum_rows": 1,
            "maximum_quarantined_share": 0.5,
            "duplicates": {"action": "drop", "columns": ["id"]},
        },
    )
    found = check(tmp_path, {"id": 7, "age": 99}, {"id": 7, "age": 20}, {"id": 7, "age": 21}, {"id": 8}, case=case)
    assert found.kept.select(["id", "age"]).to_pylist() == [{"id": 7, "age": 20}, {"id": 8, "age": 15}]
    assert found.reasons == {0: [f"{AGE}99"]}


def test_a_row_in_two_places_or_in_none_is_an_error_with_the_figures(tmp_path: Path) -> None:
    with row_database(parquet_files(CASE, tmp_path, [{}, {"age": 99}]), list(CASE.columns)) as database:
        checked = Checks(database, CASE, build_suite(CASE)).run({})
        database.rows = 3
        with pytest.raises(RuntimeError, match=r"each of 3 rows once .* found 1 good \+ 1 quarantined \+ 0 .* = 2"):
            separate(database, CASE, checked, 10)


def test_equal_rows_give_equal_files(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [{"age": 99 if number % 7 == 0 else 15} for number in range(3000)]
    found = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        with row_database(parquet_files(CASE, tmp_path / name, changes), list(CASE.columns)) as database:
            separated = separate(database, CASE, Checks(database, CASE, build_suite(CASE)).run({}), 100)
            found.append([path.read_bytes() for path in (separated.kept, separated.quarantine)])
    assert found[0] == found[1]


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    columns = small_use_case().model_dump()["columns"]
    case = small_use_case(columns={**columns, "Age": {"type": "integer", "nullable": True}})
    with pytest.raises(ConfigError, match=r"differ in more than upper and lower case.*found 'age' and 'Age'"):
        check(tmp_path, {}, case=case)


def test_an_unknown_severity_is_refused(tmp_path: Path) -> None:
    wrong = {"type": "expect_column_values_to_be_null", "kwargs": {"column": "age"}, "meta": {"severity": "critical"}}
    with pytest.raises(ConfigError, match=r"meta\.severity: expected one of warn, quarantine, stop, found 'critical'"):
        check(tmp_path, {}, expectations=[wrong])
