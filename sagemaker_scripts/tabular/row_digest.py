"""The digest of rows: equal rows have equal digests, independent of their file and of the sizes of their batches."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 16
"""The number of hexadecimal digits in a version's name: 64 bits of SHA-256."""
ROWS_FORMAT = 2
"""The version of `RowDigest`'s definition. It is part of every digest of rows. Increase it with each change of them."""


def of_json(content: Any) -> str:
    """Return the digest of a JSON value. The order of keys does not matter."""
    return of_bytes(json.dumps(content, sort_keys=True, default=str).encode())


def of_bytes(content: bytes) -> str:
    """Return the digest of bytes."""
    return hashlib.sha256(content).hexdigest()[:LENGTH]


def of_columns(parts: Sequence[Sequence[str]]) -> str:
    """Return the digest of rows from the parts of each column's digest, in the order of the columns."""
    return of_json([ROWS_FORMAT, [list(part) for part in parts]])


class RowDigest:
    """The digest of rows in record batches: of column names, types, nulls, values and row order.

    Each column has three SHA-256 hashes, which every batch updates: of its validity, one byte per row, 1 for a value;
    of each value's length in bytes, for texts and binaries; and of the values, with 0 or nothing for null. The digest
    is that of ROWS_FORMAT and each column's name, type and three hashes, as JSON. Numbers are little-endian.
    Dictionaries are hashed as their values. The type of a text does not depend on the width of its offsets. -0.0 is
    hashed as 0.0. All NaNs are equal, and differ from null.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._columns = [ColumnDigest(field) for field in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the next rows. Raises ValueError when their columns differ from the schema."""
        for column, field, values in zip(self._columns, batch.schema, batch.columns, strict=True):
            column.update(field, values)

    def hexdigest(self) -> str:
        """The digest of all rows so far."""
        return of_columns([column.parts() for column in self._columns])


class ColumnDigest:
    """The digest of one column, which does not depend on the others."""

    def __init__(self, field: pa.Field) -> None:
        self._name, self._type = field.name, _type_name(field.type)
        self._hashers = [hashlib.sha256() for _ in range(3)]

    def update(self, field: pa.Field, values: pa.Array) -> None:
        """Add the next values. Raises ValueError when they have another name or type than the column."""
        found = (field.name, _type_name(field.type))
        if found != (self._name, self._type):
            raise ValueError(f"expected the column {self._name} of {self._type}, found {found[0]} of {found[1]}")
        for hasher, content in zip(self._hashers, _contents(_plain(values)), strict=True):
            hasher.update(content)

    def parts(self) -> list[str]:
        """Return the name, the type and the three hashes."""
        return [self._name, self._type, *(hasher.hexdigest() for hasher in self._hashers)]


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _type_name(kind.value_type)
    if _is_text(kind):
        return "string"
    return "binary" if _is_binary(kind) else str(kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _plain(values: pa.Array) -> pa.Array:
    """Return the values as large binaries, or as fixed-width numbers."""
    if pa.types.is_dictionary(values.type):
        return _plain(values.dictionary_decode())
    if _is_text(values.type) or _is_binary(values.type):
        return values.cast(pa.large_string() if _is_text(values.type) else pa.large_binary())
    if pa.types.is_temporal(values.type):
        return values.view(pa.int64() if values.type.bit_width == 64 else pa.int32())
    if pa.types.is_null(values.type):
        return values.cast(pa.int8())
    if pa.types.is_boolean(values.type) or pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        return values
    raise TypeError(f"expected a column of numbers, texts, binaries or dates, found {values.type}")


def _contents(values: pa.Array) -> tuple[bytes | memoryview, ...]:
    """Return the bytes for each hash of a column: the validity, the lengths and the values."""
    valid = b"\1" * len(values)
    if values.null_count:
        valid = values.is_valid().cast(pa.uint8()).to_numpy(zero_copy_only=False).data
    if pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type):
        there = values
        if values.null_count:
            there = pc.fill_null(values, b"" if pa.types.is_large_binary(values.type) else "")
        return valid, pc.binary_length(there).to_numpy(zero_copy_only=False).astype("<i8").data, _text_bytes(there)
    if values.null_count:
        values = pc.fill_null(values, False if pa.types.is_boolean(values.type) else 0)
    numbers = values.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(values.type):
        numbers = numbers + 0  # -0.0 + 0 is 0.0
        numbers[np.isnan(numbers)] = np.nan
    return valid, b"", np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).data.cast("B")


def _text_bytes(texts: pa.Array) -> memoryview | bytes:
    """Return the concatenated bytes of all texts, which have no nulls."""
    _, offsets, content = texts.buffers()
    if not len(texts) or content is None:
        return b""
    first, last = np.frombuffer(offsets, "int64")[[texts.offset, texts.offset + len(texts)]]
    return memoryview(content)[int(first) : int(last)]
