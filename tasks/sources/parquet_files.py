"""Reads Parquet files as record batches, with the types of the file."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import SourceError
from tasks.sources.columns import refuse_repeated, without
from tasks.sources.source import BATCH_ROWS, refuse_reserved, with_reserved

MAGIC = (b"PAR1", b"PARE")
TEXT_FROM = 9
"""The bytes below a tab. Text has none of them; the first page header of a Parquet file has some."""


def is_parquet(file: IO[bytes]) -> bool:
    """Whether a file, open at its beginning, is a Parquet file and not text that begins with the same letters."""
    head = file.read(512)
    file.seek(0)
    return head.startswith(MAGIC) and any(byte < TEXT_FROM for byte in head)


def read_batches(file: IO[bytes], address: str, missing: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Read a file. Raises SourceError when it is damaged, or two columns have the same name.

    Values of text columns that are in `missing` become null, as in a delimited file.
    """
    try:
        parquet = pq.ParquetFile(file)
        names = [name.strip() for name in parquet.schema_arrow.names]
        refuse_repeated(names, address)
        refuse_reserved(names, address)
        for batch in parquet.iter_batches(BATCH_ROWS):
            columns = [without(column, missing) for column in batch.columns]
            yield with_reserved(pa.RecordBatch.from_arrays(columns, names=names))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        kind = "an encrypted one" if _is_encrypted(file) else "one that is cut off or damaged"
        raise SourceError(f"{address}: expected a whole Parquet file, found {kind}. Copy it again") from error


def _is_encrypted(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(4) == MAGIC[1]
