"""Reads rows of Parquet: the features alone, texts as dictionaries."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from serving.readers.arrow_cells import is_text, require_schema, rows_of
from serving.readers.parquet_pages import Chunk, decompressed_size
from serving.readers.request_rows import RequestRows, require_bytes, require_row_count
from serving.readers.text import encoded
from serving.rejected import bad_request
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
        found = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise bad_request(f"Body: expected a Parquet file, could not read it: {found}") from error


def _batches(body: bytes, columns: Sequence[Column]) -> list[pa.RecordBatch]:
    names = [column.name for column in columns]
    with _opened(body, ()) as file:
        require_schema(file.schema_arrow, columns)
        _require_size(memoryview(body), file.metadata, _leaves(file.schema, file.schema_arrow, names))
        texts = [name for name in names if is_text(file.schema_arrow.field(name).type)]
    with _opened(body, texts) as file:
        return _batches_of(file.read(names, use_threads=False))


def _opened(body: bytes, texts: Sequence[str]) -> "ParquetFile":
    from pyarrow.parquet import ParquetFile

    return ParquetFile(pa.BufferReader(body), read_dictionary=list(texts), pre_buffer=False, **FOOTER_LIMITS)


def _batches_of(table: pa.Table) -> list[pa.RecordBatch]:
    return table.combine_chunks().to_batches() if table.num_rows else []


def _leaves(schema: Any, arrow_schema: pa.Schema, names: Sequence[str]) -> list[int]:
    """Return the places of the features among the columns of the file. Raises ValueError for a column of wide values.

    A few bytes can repeat a wide value many times. Texts can be wide: they are read as dictionaries.
    """
    columns = {schema.column(place).path: place for place in range(len(schema))}
    for name in names:
        column = schema.column(columns[name])
        if not is_text(arrow_schema.field(name).type) and (
            column.physical_type == "BYTE_ARRAY" or column.length > WIDEST_NUMBER
        ):
            raise ValueError(f"column {name!r}: expected numbers of fixed width up to {WIDEST_NUMBER} bytes")
    return [columns[name] for name in names]


def _require_size(body: memoryview, metadata: Any, places: Sequence[int]) -> None:
    require_row_count(metadata.num_rows)
    if metadata.num_row_groups > MOST_ROW_GROUPS:
        found = f"{metadata.num_row_groups:,}"
        raise bad_request(f"Body: expected a Parquet file of at most {MOST_ROW_GROUPS:,} row groups, found {found}")
    require_bytes(sum(decompressed_size(body, chunk) for chunk in _chunks(metadata, places)))


def _chunks(metadata: Any, places: Sequence[int]) -> Iterator[Chunk]:
    if sum(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)) != metadata.num_rows:
        raise ValueError("its row groups have another number of rows than its footer states")
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in places:
            chunk = group.column(place)
            if chunk.num_values != group.num_rows:
                raise ValueError(f"column {chunk.path_in_schema[:100]!r} has another number of values than rows")
            first = chunk.data_page_offset
            if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < first:
                first = chunk.dictionary_page_offset
            yield Chunk(first, first + chunk.total_compressed_size, chunk.num_values)
