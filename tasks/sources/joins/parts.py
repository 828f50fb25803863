"""Writes the rows of one source of a join to a Parquet file, with the texts of its keys."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.errors import SourceError
from tabular.columns import Column
from tabular.formats import Format
from tabular.series import typed_array
from tabular.source_cells import UnusableColumn, cells
from tabular.suggestions import did_you_mean
from tasks.model_contract import with_marks
from tasks.sources.source import LINE_COLUMN, REASON_COLUMN, RESERVED, Source, headers_of

KEY = "__key__"
"""The prefix of the columns with the texts of keys."""
ROW = "__row__"
"""The column with the number of the row in its source, from 0."""
TEXT = pa.large_string()
MARKED = ("integer", "number")
"""The types whose texts are written with a format's decimal and thousands marks."""


@dataclass(frozen=True)
class Key:
    """A column that rows are joined by."""

    column: str
    """The name in the source."""
    type: Column | None
    """The column of the use case; None if it does not list the key."""
    needed: bool = True
    """Whether a source without the column is refused."""


@dataclass(frozen=True)
class Stored:
    """The rows of one source in a file."""

    path: Path
    names: tuple[str, ...]
    """The columns of the source."""
    keys: tuple[str, ...]
    """The names of the keys whose texts are in the file."""
    rows: int


@dataclass(frozen=True)
class Part:
    """A source of a join."""

    source: Source
    keys: Mapping[str, Key]
    """The keys, by their names in the joined rows."""
    types: Mapping[str, Column]
    """The use case's columns, by the names in the source."""
    format: Format
    """The format of the joined rows."""
    malformed_is_error: bool

    def store(self, path: Path) -> Stored:
        """Write the rows and the texts of the keys.

        Raises the errors of the source, and SourceError when a key is missing or a malformed row is an error.
        """
        rows, names, keys = 0, tuple[str, ...](), dict[str, Key]()
        with closing(_Writer(path)) as writer:
            for batch in self.source.batches():
                if not names:
                    names, keys = self._found(headers_of(batch.schema))
                if self.malformed_is_error:
                    self._refuse_malformed(batch)
                writer.write(self._stored(batch, names, keys, rows))
                rows += len(batch)
        return Stored(path, names, tuple(keys), rows)

    def _found(self, names: list[str]) -> tuple[tuple[str, ...], dict[str, Key]]:
        for key in self.keys.values():
            if key.needed and key.column not in names:
                raise SourceError(
                    f"{self.source.describe()}: expected the key {key.column!r}, found the columns {', '.join(names)}"
                    f"{did_you_mean(key.column, names)}"
                )
        return tuple(names), {name: key for name, key in self.keys.items() if key.column in names}

    def _stored(
        self, batch: pa.RecordBatch, names: tuple[str, ...], keys: dict[str, Key], begin: int
    ) -> pa.RecordBatch:
        columns = {name: self._in_format(batch.column(name), name) for name in names}
        reserved = {name: batch.column(name) for name in RESERVED.names}
        texts = {f"{KEY}{name}": self._key(batch, key) for name, key in keys.items()}
        numbers = pa.array(np.arange(begin, begin + len(batch)))
        return pa.RecordBatch.from_pydict({**columns, **reserved, **texts, ROW: numbers})

    def _key(self, batch: pa.RecordBatch, key: Key) -> pa.Array:
        try:
            return key_texts(batch.column(key.column), key.type, self.source.format)
        except UnusableColumn as error:
            raise SourceError(
                f"{self.source.describe()}: expected single values in the key {key.column!r}, found {error}"
            ) from None

    def _in_format(self, column: pa.Array, name: str) -> pa.Array:
        """Return a column as a file of the joined format has it: missing values as null, numbers with its marks."""
        own, other = self.source.format, self.format
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if not _is_text(column.type):
            return column
        if own.missing != other.missing:
            column = column.cast(TEXT)
            missing = pc.is_in(pc.utf8_trim_whitespace(column), pa.array(own.missing, TEXT))
            column = pc.if_else(missing, pa.scalar(None, TEXT), column)
        known = self.types.get(name)
        if (
            known is None
            or known.type not in MARKED
            or (own.decimal, own.thousands) == (other.decimal, other.thousands)
        ):
            return column
        values, bad = typed_array(cells(column), with_marks({name: known}, own)[name])
        texts = pc.replace_substring(values.cast(TEXT), ".", other.decimal)
        return pc.if_else(pa.array(bad), column.cast(TEXT), texts)

    def _refuse_malformed(self, batch: pa.RecordBatch) -> None:
        if bad := len(batch) - batch[REASON_COLUMN].null_count:
            first = batch.filter(pc.is_valid(batch[REASON_COLUMN]))
            raise SourceError(
                f"{self.source.describe()}: expected well-formed rows in a joined part, found {bad} malformed: "
                f"line {first[LINE_COLUMN][0]}: {first[REASON_COLUMN][0]}. Correct the file"
            )


class _Writer:
    """A Parquet file of the first batch's schema."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, batch.schema, compression="lz4")
        self._file.write_batch(batch)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def key_texts(column: pa.Array, known: Column | None, format: Format) -> pa.Array:
    """Return the (n,) texts that a key is compared by; null for a missing value.

    A value has the text of its type in the use case: as integers, `007` and `7` are equal. One that does not fit its
    type, and every value of a column that the use case does not list, is its own text without surrounding blanks.
    Raises UnusableColumn for a column that has no single values.
    """
    found = cells(column)
    own = _own_texts(column, found, format)
    if known is None:
        return own
    values, bad = typed_array(found, with_marks({"": known}, format)[""])
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return pc.if_else(pa.array(bad), own, values.cast(TEXT))


def _own_texts(column: pa.Array, found: pd.Series, format: Format) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (_is_text(column.type) or pa.types.is_integer(column.type)):
        column = pa.array([None if pd.isna(value) else str(value) for value in found], TEXT)
    trimmed = pc.utf8_trim_whitespace(column.cast(TEXT))
    missing = pc.is_in(trimmed, pa.array(["", *format.missing], TEXT))
    return pc.if_else(missing, pa.scalar(None, TEXT), trimmed)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
