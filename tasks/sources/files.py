"""Reads the rows of one file, delimited or Parquet, at any kind of address."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format
from tasks.sources import delimited_files, parquet_files
from tasks.sources.places import place
from tasks.sources.source import LINE_COLUMN, REASON_COLUMN


def read_batches(address: str, format: Format = USUAL, headers: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Read the file at an address, as in `tasks.sources.source.Source.batches`.

    `headers` are the expected headers. Raises SourceError when the file can't be read or has no rows.
    """
    found = _Found()
    with place(address).open() as file:
        for batch in _read(file, address, format, headers):
            found.add(batch)
            yield batch
    if not found.rows:
        raise SourceError(f"{address}: expected rows, found {found.instead_of_rows()}")


def fingerprint(address: str) -> str | None:
    """Return the fingerprint of a file; None if its place has none. Raises SourceError for an unknown scheme."""
    return place(address).fingerprint()


def _read(file: IO[bytes], address: str, format: Format, headers: Sequence[str]) -> Iterator[pa.RecordBatch]:
    try:
        if parquet_files.is_parquet(file):
            yield from parquet_files.read_batches(file, address, format.missing)
        else:
            yield from delimited_files.read_batches(file, address, format, headers)
    except OSError as error:
        raise SourceError(f"{address}: can't be read: {error.strerror or error}") from error


class _Found:
    """Counts the contents of a file."""

    def __init__(self) -> None:
        self.rows = self._malformed = 0
        self._first = ""

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch."""
        malformed = len(batch) - batch[REASON_COLUMN].null_count
        self.rows += len(batch) - malformed
        if malformed and not self._malformed:
            first = batch.filter(batch[REASON_COLUMN].is_valid())
            self._first = f"line {first[LINE_COLUMN][0]}: {first[REASON_COLUMN][0]}"
        self._malformed += malformed

    def instead_of_rows(self) -> str:
        """Describe the contents of a file without well-formed rows."""
        if not self._malformed:
            return "only the names of columns"
        return f"{self._malformed:,} that can't be read, the first one in {self._first}"
