"""The columns of a dataset version as Iceberg and Parquet have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
from pyiceberg.schema import Schema
from pyiceberg.types import (
    BooleanType,
    DateType,
    DoubleType,
    IcebergType,
    LongType,
    StringType,
    TimestampType,
)

from config.use_case import UseCase
from tasks.rows.typed_rows import stored_schema

FIELD_ID = b"PARQUET:field_id"
"""The key of Arrow's metadata for a field's id in a Parquet file. Iceberg's readers find a column by this id."""
Kind = Literal["integer", "number", "text", "datetime", "date", "boolean"]
KINDS: Mapping[Kind, tuple[IcebergType, pa.DataType, str]] = {
    "integer": (LongType(), pa.int64(), "Int64"),
    "number": (DoubleType(), pa.float64(), "float64"),
    "text": (StringType(), pa.string(), "string"),
    "datetime": (TimestampType(), pa.timestamp("us"), "datetime64[us]"),
    "date": (DateType(), pa.date32(), "date32[day][pyarrow]"),
    "boolean": (BooleanType(), pa.bool_(), "boolean"),
}
"""The types of stored columns: Iceberg's, Arrow's and pandas's."""


@dataclass(frozen=True)
class StoredColumn:
    """A column of a dataset version."""

    name: str
    kind: Kind
    header: str
    """Its name in the source."""


def columns_of(use_case: UseCase) -> list[StoredColumn]:
    """Return the columns of a use case's rows, as `ingest` stores them, in order."""
    headers = use_case.headers
    schema = stored_schema(use_case)
    return [StoredColumn(field.name, _kind(field.type), headers.get(field.name, field.name)) for field in schema]


def _kind(found: pa.DataType) -> Kind:
    if pa.types.is_dictionary(found):
        return _kind(found.value_type)
    if pa.types.is_string(found) or pa.types.is_large_string(found):
        return "text"
    if pa.types.is_timestamp(found):
        return "datetime"
    return next(kind for kind, (_, arrow, _) in KINDS.items() if arrow == found)


def kind_of(iceberg: IcebergType) -> Kind:
    """Return the kind of a column of a table."""
    return next(kind for kind, (known, _, _) in KINDS.items() if known == iceberg)


def file_schema(table: Schema, names: Iterable[str]) -> pa.Schema:
    """Return the Arrow schema of a part file with these columns, with the table's ids."""
    fields = []
    for name in names:
        field = table.find_field(name)
        arrow = KINDS[kind_of(field.field_type)][1]
        fields.append(pa.field(name, arrow, metadata={FIELD_ID: str(field.field_id).encode()}))
    return pa.schema(fields)


def field_ids(schema: pa.Schema) -> Sequence[int]:
    """Return the ids of a part file's columns, in order."""
    return [int((field.metadata or {})[FIELD_ID]) for field in schema]
