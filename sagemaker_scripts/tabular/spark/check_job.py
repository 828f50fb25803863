"""What a validation by Spark reads and checks, as JSON."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tabular.columns import Column
from tabular.derived import Derived, resolve
from tabular.expressions import Expression, parse
from tabular.spark.ingest_job import PartSettings, column_of


@dataclass(frozen=True)
class PartFile:
    """A part file of the dataset version."""

    uri: str
    first: int
    """The number of its first row."""
    rows: int


@dataclass(frozen=True)
class CheckJob:
    """What to check."""

    files: tuple[PartFile, ...]
    schema: pa.Schema
    """Of the stored rows."""
    columns: Mapping[str, Column]
    derived: tuple[Derived, ...]
    plan: Mapping[str, Any]
    """As `tasks.rows.spark_plan` describes it."""
    folder: str
    parts: PartSettings

    @classmethod
    def of(cls, text: str) -> "CheckJob":
        """Return the job of a text."""
        found: dict[str, Any] = json.loads(text)
        columns = [column_of(each) for each in found["columns"]]
        return cls(
            files=tuple(PartFile(**each) for each in found["files"]),
            schema=pa.ipc.read_schema(pa.py_buffer(base64.b64decode(found["schema"]))),
            columns={column.name: column for column in columns},
            derived=tuple(Derived(**each) for each in found["derived"]),
            plan=found["plan"],
            folder=found["folder"],
            parts=PartSettings(**found["parts"]),
        )

    def expressions(self) -> dict[int, Expression]:
        """Return the rules of rows, by number."""
        fields = resolve(self.columns.values(), {each.name: each for each in self.derived}).fields
        return {number: parse(text, fields, "boolean") for number, text in self.plan["expressions"]}
