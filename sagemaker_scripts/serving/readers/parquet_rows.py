"""Reads rows of Parquet: the features alone, texts as dictionaries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from serving.readers.arrow_cells import is_text, require_schema, rows_of
from serving.readers.parquet_footer import read_footer
from serving.readers.parquet_pages import decompressed_size
from serving.readers.request_rows import RequestRows, require_bytes, require_row_count
from serving.readers.text import encoded
from serving.rejected import bad_request, unreadable
from tabular.columns import Column

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MOST_ROW_GROUPS = 1_000
WIDEST_NUMBER = 32
"""The bytes of the widest number, a decimal of 76 digits."""
FOOTER_LIMITS = {"thrift_string_size_limit": 10_000_000, "thrift_container_size_limit": 50_000}
"""The most bytes of a text and entries of a list in the footer. pyarrow allocates them before it reads them."""


def read(body: bytes | str, columns: Sequence[Column], most: int | None) -> RequestRows:
    """Read the rows of a body. Raises Rejected if it is not Parquet, or its columns do not fit."""
    try:
        return rows_of(_batches(encoded(body), columns), columns)
    except (pa.ArrowException, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        raise unreadable("a Parquet file", error) from error


def _batches(body: bytes, columns: Sequence[Column]) -> list[pa.RecordBatch]:
    names = [column.name for column in columns]
    footer = read_footer(memoryview(body), names)
    require_row_count(footer.rows)
    if footer.groups > MOST_ROW_GROUPS:
        raise bad_request(f"Body: expected at most {MOST_ROW_GROUPS:,} row groups, found {footer.groups:,}")
    with _opened(body) as file:
        schema, metadata = file.schema_arrow, file.metadata
        require_schema(schema, columns)
        _require_narrow(file.schema, schema, names)
        require_bytes(sum(decompressed_size(memoryview(body), chunk) for chunk in footer.chunks))
        texts = [name for name in names if is_text(schema.field(name).type)]
    with _opened(body, read_dictionary=texts, metadata=metadata) as file:
        return _batches_of(file.read(names, use_threads=False))


def _opened(body: bytes, **options: Any) -> "ParquetFile":
    from pyarrow.parquet import ParquetFile

    return ParquetFile(pa.BufferReader(body), pre_buffer=False, **options, **FOOTER_LIMITS)


def _batches_of(table: pa.Table) -> list[pa.RecordBatch]:
    return table.combine_chunks().to_batches() if table.num_rows else []


def _require_narrow(schema: Any, arrow_schema: pa.Schema, names: Sequence[str]) -> None:
    """Raise ValueError for a column of wide values, of which a few bytes can repeat one many times.

    Texts can be wide: they are read as dictionaries.
    """
    columns = {schema.column(place).path: schema.column(place) for place in range(len(schema))}
    for name in names:
        column, texts = columns[name], is_text(arrow_schema.field(name).type)
        if not texts and (column.physical_type == "BYTE_ARRAY" or column.length > WIDEST_NUMBER):
            raise ValueError(f"column {name!r}: expected numbers of fixed width up to {WIDEST_NUMBER} bytes")
