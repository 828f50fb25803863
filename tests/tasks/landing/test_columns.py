"""The types of a version's columns in Iceberg, Arrow and pandas."""

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DoubleType, LongType, NestedField, StringType

from tasks.landing.columns import KINDS, Kind, StoredColumn, columns_of, field_ids, file_schema, kind_of
from tests.tasks.landing.support import case

TABLE = Schema(
    NestedField(3, "id", LongType()), NestedField(7, "share", DoubleType()), NestedField(9, "city", StringType())
)


def test_the_columns_of_a_use_case_have_their_kinds_and_headers_in_order() -> None:
    columns = {
        "id": {"type": "integer", "header": "Customer no."},
        "share": {"type": "number"},
        "seen": {"type": "date"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    found = columns_of(case("kinds", columns=columns, features=["share"]))
    assert found[:4] == [
        StoredColumn("id", "integer", "Customer no."),
        StoredColumn("share", "number", "share"),
        StoredColumn("seen", "datetime", "seen"),
        StoredColumn("passed", "text", "passed"),
    ]
    assert {column.name: column.kind for column in found[4:]} == {
        "unread_cells": "text", "source_file": "text", "source_line": "integer", "malformed": "text", "text": "text",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_a_table_column_is_that_of_its_iceberg_type(kind: Kind) -> None:
    assert kind_of(KINDS[kind][0]) == kind


def test_a_part_file_has_the_ids_and_types_of_the_tables_columns_in_its_own_order() -> None:
    schema = file_schema(TABLE, ["city", "id"])
    assert (schema.names, schema.types, field_ids(schema)) == (["city", "id"], [pa.string(), pa.int64()], [9, 3])
