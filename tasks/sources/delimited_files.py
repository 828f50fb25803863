"""Reads delimited files as record batches of texts. Malformed rows keep their position."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from tabular import delimited_batches
from tabular.formats import USUAL, Format, FormatError
from tabular.plain_columns import PlainColumns
from tabular.raw_batches import of_delimited
from tasks.sources.preambles import SEARCHED_BYTES, skipping_hint
from tasks.sources.source import BATCH_ROWS, refuse_reserved


def read_batches(
    file: IO[bytes],
    address: str,
    format: Format = USUAL,
    headers: Sequence[str] = (),
    plain: PlainColumns | None = None,
) -> Iterator[pa.RecordBatch]:
    """Read a file from its beginning, in at least one batch. Every cell is a large_string, or one of `plain`.

    Raises SourceError when the file can't be read. The error suggests lines to skip when the header is further down.
    """
    head = file.read(SEARCHED_BYTES)
    file.seek(0)
    try:
        for number, batch in enumerate(delimited_batches.read_batches(file, format, BATCH_ROWS, plain)):
            if not number:
                _refuse_other_text(list(batch.columns), head, address, format, headers)
            yield of_delimited(batch)
    except FormatError as error:
        raise SourceError(f"{address}: {error}{skipping_hint(head, format, headers)}") from error


def _refuse_other_text(found: Sequence[str], head: bytes, address: str, format: Format, headers: Sequence[str]) -> None:
    refuse_reserved(found, address)
    if set(headers).isdisjoint(found) and (hint := skipping_hint(head, format, headers)):
        raise SourceError(f"{address}: expected the names of columns in its first line, found other text{hint}")
