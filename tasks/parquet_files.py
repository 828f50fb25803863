"""Reads a Parquet file's columns so that no value changes: integers and decimals keep every digit."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import SourceError
from tabular.formats import repeated

MAGIC = (b"PAR1", b"PARE")
TEXT_FROM = 9
"""Text has no byte below a tab; a Parquet file's first page header has."""


@dataclass(frozen=True)
class ParquetRows:
    """The columns of a file."""

    frame: pd.DataFrame
    """(n, columns)."""
    unusable: dict[str, str]
    """The types of the columns that hold no single values, by name."""


def is_parquet(content: bytes) -> bool:
    """Whether a file is a Parquet file, and not text that begins with the same letters."""
    return content.startswith(MAGIC) and any(byte < TEXT_FROM for byte in content[:512])


def read_parquet(content: bytes, place: str) -> ParquetRows:
    """Read a Parquet file. Raises SourceError when it is damaged, or two columns have the same name."""
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as error:
        found = "an encrypted one" if content.startswith(b"PARE") else "one that is cut off or damaged"
        raise SourceError(f"{place}: expected a whole Parquet file, found {found}. Copy it again") from error
    names = [name.strip() for name in table.column_names]
    if twice := repeated(names):
        found = ", ".join(map(repr, twice))
        raise SourceError(f"{place}: expected each column once, found {found} more than once. Rename one of them")
    columns = dict(zip(names, table.columns, strict=True))
    unusable = {name: str(column.type) for name, column in columns.items() if _is_unusable(column.type)}
    series = {name: _series(column) for name, column in columns.items() if name not in unusable}
    return ParquetRows(pd.DataFrame(series, index=pd.RangeIndex(table.num_rows)), unusable)


def _is_unusable(kind: pa.DataType) -> bool:
    tests: tuple[Callable[[pa.DataType], bool], ...] = (pa.types.is_nested, pa.types.is_duration, pa.types.is_interval)
    return isinstance(kind, pa.BaseExtensionType) or any(test(kind) for test in tests)


def _series(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    column = column.cast(kind)
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_decimal(kind) or pa.types.is_temporal(kind) or _is_binary(kind):
        return column.to_pandas(date_as_object=True).astype(object)
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _timestamps(column: pa.ChunkedArray) -> pd.Series:
    if column.type.unit == "ns":
        return column.to_pandas().astype(object)
    return column.to_pandas(timestamp_as_object=True).astype(object)
