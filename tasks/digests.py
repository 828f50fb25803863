"""Digests of content: the same rows have the same one, whatever file they came in."""

import hashlib
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 16
"""Hexadecimal digits that name a version: 64 bits of SHA-256."""


def of_frame(frame: pd.DataFrame) -> str:
    """The digest of a frame's column names, types, values and row order."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    hasher = hashlib.sha256()
    for field in table.schema:
        hasher.update(f"{field.name}:{field.type};".encode())
        column = table.column(field.name).combine_chunks()
        hasher.update(pc.is_valid(column).to_numpy(zero_copy_only=False).tobytes())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            hasher.update(pc.binary_length(pc.fill_null(column, "")).to_numpy().tobytes())
            hasher.update("".join(pc.fill_null(column, "").to_pylist()).encode())
        else:
            hasher.update(pc.fill_null(column, 0).to_numpy(zero_copy_only=False).tobytes())
    return hasher.hexdigest()[:LENGTH]


def of_json(content: Any) -> str:
    """The digest of a JSON value, whatever the order of its keys."""
    return of_bytes(json.dumps(content, sort_keys=True, default=str).encode())


def of_bytes(content: bytes) -> str:
    """The digest of bytes."""
    return hashlib.sha256(content).hexdigest()[:LENGTH]
