from typing import Any

import pytest

from config.errors import ConfigError
from tasks.landing import reading, versions
from tasks.landing.columns import StoredColumn
from tasks.landing.commit import land
from tasks.landing.evolution import changes, new_schema
from tests.tasks.landing.support import Log, case, objects, rows, source_of

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "age": {"type": "integer", "nullable": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}


def stored(version: Any) -> dict[str, list[Any]]:
    """The use case's columns of a version, by name."""
    with reading.opened(version) as found:
        own = [name for name in found.schema.names if name in ("id", "age", "years", "colour")]
        values: dict[str, list[Any]] = found.read(own).to_pydict()
    return values


class Grown(Log):
    """A log whose rows have more columns."""

    def frame(self, *ids: int) -> Any:
        return rows(*ids, colour="red", years=0.5)


def test_a_new_column_is_added_and_earlier_rows_have_nulls(bucket: str) -> None:
    first = land(case("evolve_added"), Log([1]))
    wider = case("evolve_added", columns={**COLUMNS, "colour": {"type": "category"}})
    second = land(wider, Grown([1, 2]))
    assert stored(second) == {"id": [1, 2], "age": [11, 12], "colour": [None, "red"]}
    assert stored(first) == {"id": [1], "age": [11]}


def test_a_removed_column_stays_in_the_table_and_comes_back(bucket: str) -> None:
    columns = {**COLUMNS, "colour": {"type": "category", "nullable": True}}
    full, narrow = case("evolve_removed", columns=columns), case("evolve_removed")
    first = land(full, Grown([1]))
    assert stored(land(narrow, Grown([1, 2]))) == {"id": [1, 2], "age": [11, 12]}
    assert stored(first)["colour"] == ["red"]
    assert stored(land(full, Grown([1, 2, 3])))["colour"] == ["red", None, "red"]


def test_an_integer_is_widened_to_a_number_with_earlier_rows(bucket: str) -> None:
    narrow = case("evolve_widened")
    first = land(narrow, Log([1]))
    columns = {**COLUMNS, "age": {"type": "number", "nullable": True}}
    wide = case("evolve_widened", columns=columns)
    second = land(wide, Log([1, 2]))
    assert [type(value) for value in stored(second)["age"]] == [float, float]
    assert stored(second) == {"id": [1, 2], "age": [11.0, 12.0]}
    assert stored(first) == {"id": [1], "age": [11]}
    assert versions.find("evolve_widened", "latest").position == {"rows": 2}
    with pytest.raises(ConfigError, match="age: the table has number, the use case integer"):
        land(narrow, Log([1, 2, 3]))


def test_a_column_with_another_name_and_the_same_header_is_renamed(bucket: str) -> None:
    first = land(case("evolve_renamed"), Log([1]))
    columns = {"id": COLUMNS["id"], "years": {**COLUMNS["age"], "header": "age"}, "passed": COLUMNS["passed"]}
    second = land(case("evolve_renamed", columns=columns, features=["years"]), Log([1, 2]))
    assert stored(second) == {"id": [1, 2], "years": [11, 12]}
    assert stored(first) == {"id": [1], "age": [11]}
    with reading.downloaded(second) as paths:
        import duckdb

        files = [str(path) for path in paths]
        assert duckdb.execute("select years from read_parquet(?)", [files]).fetchall() == [(11,), (12,)]


def test_another_type_is_refused_with_each_column_before_anything_is_written(bucket: str) -> None:
    land(case("evolve_refused"), source_of(rows(1)))
    there = objects(case("evolve_refused"))
    columns = {**COLUMNS, "id": {"type": "category"}, "age": {"type": "date"}}
    with pytest.raises(ConfigError) as refused:
        land(case("evolve_refused", columns=columns, features=["id"], key=[]), source_of(rows(1)))
    assert "id: the table has integer, the use case text; age: the table has integer, the use case datetime" in str(
        refused.value
    )
    assert "give the column another name" in str(refused.value)
    assert objects(case("evolve_refused")) == there


def test_a_column_with_another_type_may_have_another_name_beside_the_first(bucket: str) -> None:
    land(case("evolve_beside"), source_of(rows(1)))
    columns = {"id": COLUMNS["id"], "years": {"type": "category", "header": "age"}, "passed": COLUMNS["passed"]}
    version = land(case("evolve_beside", columns=columns, features=["years"]), source_of(rows(1)))
    assert stored(version) == {"id": [1], "years": ["11"]}


BEFORE = [StoredColumn("id", "integer", "No."), StoredColumn("age", "integer", "age")]


def test_a_new_table_has_its_columns_in_order_with_their_headers() -> None:
    fields = [(field.field_id, field.name, field.doc, field.required) for field in new_schema(BEFORE).fields]
    assert fields == [(1, "id", "No.", False), (2, "age", "age", False)]


def test_changes_are_named_and_the_same_or_fewer_columns_need_none() -> None:
    table = new_schema(BEFORE)
    assert not changes("people", table, BEFORE)
    assert not changes("people", table, BEFORE[1:])
    after = [StoredColumn("number", "integer", "No."), StoredColumn("age", "number", "age")]
    found = changes("people", table, [*after, StoredColumn("city", "text", "city")])
    assert found.described() == "city added, age widened to number, id renamed to number"
