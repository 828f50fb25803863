"""Reads Arrow files (IPC, Feather version 2) and Arrow streams as record batches, with the types of the file."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from tasks.sources.columns import refuse_repeated, without
from tasks.sources.source import BATCH_ROWS, refuse_reserved, with_reserved

STREAM = b"\xff\xff\xff\xff"
"""The beginning of a stream (Arrow Columnar Format, "Encapsulated message format")."""


def read_batches(file: IO[bytes], address: str, missing: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Read a file, in at least one batch. Texts that are in `missing` become null, as in a delimited file.

    Raises SourceError when the file is damaged, or two columns have the same name.
    """
    try:
        schema, batches = _opened(file)
        names = [name.strip() for name in schema.names]
        refuse_repeated(names, address)
        refuse_reserved(names, address)
        yield with_reserved(pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], names=names))
        for batch in batches:
            batch.validate(full=True)
            columns = [without(column, missing) for column in batch.columns]
            whole = with_reserved(pa.RecordBatch.from_arrays(columns, names=names))
            yield from (whole.slice(first, BATCH_ROWS) for first in range(0, len(whole), BATCH_ROWS))
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(
            f"{address}: expected a whole Arrow file, found one that is cut off or damaged. Copy it again"
        ) from error


def _opened(file: IO[bytes]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    head = file.read(len(STREAM))
    file.seek(0)
    if head == STREAM:
        stream = pa.ipc.open_stream(file)
        return stream.schema, iter(stream)
    found = pa.ipc.open_file(file)
    return found.schema, (found.get_batch(number) for number in range(found.num_record_batches))
