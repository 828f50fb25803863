"""Quarantines that tests are built from."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import locations, storage
from tasks.model_contract import FILE, LINE, UNREAD
from tasks.quarantine.rows import Quarantine
from tasks.rows.quarantine import REASONS, quarantine_schema
from tasks.rows.row_database import ROW
from tasks.rows.typed_rows import stored_schema

SOUND = {"id": 1, "age": 12, "colour": "red", "origin": "here", "passed": "yes", FILE: "a.csv", UNREAD: ""}


def row(number: int, *reasons: str, unread: dict[str, str] | None = None, **cells: Any) -> dict[str, Any]:
    """A quarantined row on the line after its number."""
    texts = json.dumps(unread) if unread else ""
    return {ROW: number, **SOUND, LINE: number + 2, REASONS: list(reasons), UNREAD: texts, **cells}


def stored(use_case: UseCase, rows: Sequence[dict[str, Any]]) -> Quarantine:
    """These rows as `validate` stores them."""
    file, uri = io.BytesIO(), f"{locations.validated(use_case.name, 'v')}/quarantine.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), quarantine_schema(stored_schema(use_case))), file)
    storage.put(uri, file.getvalue())
    return Quarantine("v", uri)
