"""Reads a Parquet file's columns so that no value changes: integers and decimals keep every digit."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.errors import SourceError
from tabular.formats import repeated

MAGIC = (b"PAR1", b"PARE")
TEXT_FROM = 9
"""Text has no byte below a tab; a Parquet file's first page header has."""


class _Unusable(ValueError):
    """A column holds no single values that can be read; the message is its type."""


_UNREADABLE = (ValueError, OverflowError, KeyError, pa.ArrowException)
"""What Arrow raises of dates beyond the year 9999 and of nanoseconds, and pytz of a time zone that there is not."""


@dataclass(frozen=True)
class ParquetRows:
    """The columns of a file."""

    frame: pd.DataFrame
    """(n, columns)."""
    unusable: dict[str, str]
    """The types of the columns that hold no single values, or values that can't be read, by name."""


def is_parquet(content: bytes) -> bool:
    """Whether a file is a Parquet file, and not text that begins with the same letters."""
    return content.startswith(MAGIC) and any(byte < TEXT_FROM for byte in content[:512])


def read_parquet(content: bytes, place: str, missing: Sequence[str] = ()) -> ParquetRows:
    """Read a Parquet file. Raises SourceError when it is damaged, or two columns have the same name.

    Texts of text columns that are in `missing` are null, as in a delimited file.
    A column of which a value can't be read, such as text that is not UTF-8 or a date beyond the year 9999, is unusable.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        names = [name.strip() for name in file.schema_arrow.names]
        _refuse_repeated(names, place)
        table = file.read()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        found = "an encrypted one" if content.startswith(b"PARE") else "one that is cut off or damaged"
        raise SourceError(f"{place}: expected a whole Parquet file, found {found}. Copy it again") from error
    series: dict[str, pd.Series] = {}
    unusable: dict[str, str] = {}
    for name, column in zip(names, table.columns, strict=True):
        try:
            series[name] = _series(column, missing)
        except _UNREADABLE as error:
            unusable[name] = str(error) if isinstance(error, _Unusable) else f"{column.type} beyond what can be read"
    return ParquetRows(pd.DataFrame(series, index=pd.RangeIndex(table.num_rows)), unusable)


def _refuse_repeated(names: list[str], place: str) -> None:
    if twice := repeated(names):
        found = ", ".join(map(repr, twice))
        raise SourceError(f"{place}: expected each column once, found {found} more than once. Rename one of them")


def _require_utf_8(column: pa.ChunkedArray, kind: pa.DataType) -> None:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raise _Unusable(f"{kind} that is not UTF-8") from None


def _is_unusable(kind: pa.DataType) -> bool:
    tests: tuple[Callable[[pa.DataType], bool], ...] = (pa.types.is_nested, pa.types.is_duration, pa.types.is_interval)
    return isinstance(kind, pa.BaseExtensionType) or any(test(kind) for test in tests)


def _series(column: pa.ChunkedArray, missing: Sequence[str]) -> pd.Series:
    """The column as values that pandas and Arrow can read. Raises one of _UNREADABLE when it has others."""
    if _is_unusable(column.type):
        raise _Unusable(str(column.type))
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    _require_utf_8(column, kind)
    column = column.cast(kind)
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_decimal(kind) or pa.types.is_temporal(kind) or _is_binary(kind):
        return column.to_pandas(date_as_object=True).astype(object)
    if missing and (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        found = pc.is_in(pc.utf8_trim_whitespace(column), pa.array(missing, column.type))
        column = pc.if_else(found, pa.scalar(None, column.type), column)
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _timestamps(column: pa.ChunkedArray) -> pd.Series:
    if column.type.unit == "ns":
        return column.to_pandas().astype(object)
    return column.to_pandas(timestamp_as_object=True).astype(object)
