"""A delimited or a Parquet file at a path, in S3 or on the web."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from config.sources import LocationSource
from config.variables import hide, without_secrets
from tabular.formats import USUAL, Format
from tasks.sources import delimited_files, parquet_files
from tasks.sources.places import place
from tasks.sources.source import LINE_COLUMN, REASON_COLUMN, Source


def open_location(source: LocationSource, use_case: str, headers: Sequence[str]) -> Source:
    """The configured file.

    Raises SourceError when no location is configured, and ConfigError when it needs a variable that is not set.
    """
    if not source.location:
        raise SourceError(
            f"{use_case}: source: expected a location, found none. Name one: --source PATH, s3://... or https://..."
        )
    return Location(source.address(), without_secrets(source.location), source.format(headers), tuple(headers))


def open_address(address: str, format: Format = USUAL, headers: Sequence[str] = ()) -> Source:
    """The file at an address: a path, `s3://` or `https://`."""
    return Location(address, without_secrets(address), format, tuple(headers))


@dataclass(frozen=True)
class Location:
    """One file."""

    address: str = field(repr=False)
    """It may hold a secret."""
    shown: str
    """The address without secrets."""
    format: Format
    headers: tuple[str, ...]
    """Those that may be expected: an error names the line that has them, where it is not the first."""

    def describe(self) -> str:
        """The address without secrets."""
        return self.shown

    def fingerprint(self) -> str | None:
        """What the place tells of the file. Raises SourceError for an address of another scheme."""
        found = place(self.address).fingerprint()
        return None if found is None else hide(found, self.address)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The file's rows. Raises SourceError, which shows no secret, when it can't be read or has none."""
        try:
            yield from self._batches()
        except SourceError as error:
            raise SourceError(hide(str(error), self.address)) from None

    def _batches(self) -> Iterator[pa.RecordBatch]:
        found = _Found()
        with place(self.address).open() as file:
            for batch in self._read(file):
                found.add(batch)
                yield batch
        if not found.rows:
            raise SourceError(f"{self.address}: expected rows, found {found.instead_of_rows()}")

    def _read(self, file: IO[bytes]) -> Iterator[pa.RecordBatch]:
        if parquet_files.is_parquet(file):
            batches = parquet_files.read_batches(file, self.address, self.format.missing)
        else:
            batches = delimited_files.read_batches(file, self.address, self.format, self.headers)
        try:
            yield from batches
        except OSError as error:
            raise SourceError(f"{self.address}: can't be read: {error.strerror or error}") from error


class _Found:
    """What a file held."""

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
        """What the file held instead of rows."""
        if not self._malformed:
            return "only the names of columns"
        return f"{self._malformed:,} that can't be read, the first one in {self._first}"
