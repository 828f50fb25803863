"""What an ingest by Spark reads and writes, as JSON. Tasks get it as a value."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import pyarrow as pa

from tabular.columns import Column
from tabular.formats import Format


@dataclass(frozen=True)
class PartSettings:
    """The layout of part files."""

    group_rows: int
    groups: int
    """Row groups of a part."""
    compression: str


@dataclass(frozen=True)
class IngestJob:
    """One file of rows, the columns to read, and the folder of the part files."""

    source: str
    """The address of the file."""
    format: Format
    columns: Mapping[str, Column]
    """With the marks of the format, without limits: these are checked later."""
    headers: Mapping[str, str]
    """The name of each column in the file."""
    schema: pa.Schema
    """Of the part files."""
    not_digested: tuple[str, ...]
    folder: str
    range_bytes: int
    parts: PartSettings

    def json(self) -> str:
        """Return the job as a text."""
        return json.dumps(
            {
                **{field.name: getattr(self, field.name) for field in fields(self)},
                "format": asdict(self.format),
                "columns": [column_described(each) for each in self.columns.values()],
                "headers": dict(self.headers),
                "schema": base64.b64encode(self.schema.serialize().to_pybytes()).decode(),
                "parts": asdict(self.parts),
            }
        )

    @classmethod
    def of(cls, text: str) -> "IngestJob":
        """Return the job of a text."""
        found: dict[str, Any] = json.loads(text)
        columns = [column_of(each) for each in found["columns"]]
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(found["schema"])))
        return cls(
            **{
                **found,
                "format": Format(**{**found["format"], **_tuples(found["format"], "names", "missing")}),
                "columns": {column.name: column for column in columns},
                "schema": schema,
                "not_digested": tuple(found["not_digested"]),
                "parts": PartSettings(**found["parts"]),
            }
        )


def column_described(column: Column) -> dict[str, Any]:
    """Return a column as JSON, without its limits."""
    unlimited = replace(column, minimum=None, maximum=None)
    return {each.name: getattr(unlimited, each.name) for each in fields(Column)}


def column_of(described: Mapping[str, Any]) -> Column:
    """Return the column of `column_described`."""
    return Column(**{**described, **_tuples(described, "categories", "missing")})


def _tuples(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the lists of JSON as tuples."""
    return {name: None if content[name] is None else tuple(content[name]) for name in names}
