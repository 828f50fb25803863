"""A file of rows at a path, in S3 or on the web."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.errors import SourceError
from config.sources import LocationSource
from config.variables import hide, without_secrets
from tabular.formats import USUAL, Format

if TYPE_CHECKING:
    import pyarrow as pa

    from tabular.plain_columns import PlainColumns
    from tasks.sources.source import Source


def open_source(source: LocationSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the configured file.

    Raises SourceError when no location is configured, and ConfigError when it needs a variable that is not set.
    """
    if not source.location:
        raise SourceError(
            f"{use_case}: source: expected a location, found none. Name one: --source PATH, s3://... or https://..."
        )
    shown = without_secrets(source.location)
    return Location(source.address(), shown, source.format(headers), tuple(headers), source.sha256)


def open_address(address: str, format: Format = USUAL, headers: Sequence[str] = ()) -> "Source":
    """Return the file at an address: a path, `s3://` or `https://`."""
    return Location(address, without_secrets(address), format, tuple(headers))


@dataclass(frozen=True)
class Location:
    """One file."""

    address: str = field(repr=False)
    """The address. It may hold a secret."""
    shown: str
    """The address without secrets."""
    format: Format
    headers: tuple[str, ...]
    """The expected headers. An error names the line that has them, if it is not the first."""
    sha256: str | None = None
    _files: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """The files of a zip archive that were read."""

    def describe(self) -> str:
        """The address without secrets. After reading a zip archive of several files, also their number."""
        return f"{self.shown} ({len(self._files):,} files)" if self._files else self.shown

    def fingerprint(self) -> str | None:
        """Return the fingerprint of the file, or None. Raises SourceError, without secrets, for an unknown scheme."""
        from tasks.sources import files  # takes half a second to import

        try:
            found = files.fingerprint(self.address)
        except SourceError as error:
            raise SourceError(hide(str(error), self.address)) from None
        return None if found is None else hide(found, self.address)

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Return the file's rows. Raises SourceError, without secrets, when it can't be read or has no rows."""
        return self.converted(None)

    def converted(self, plain: "PlainColumns | None") -> "Iterator[pa.RecordBatch]":
        """Return the file's rows, with the columns of `plain` converted where they can be. Raises as `batches`."""
        from tasks.sources import files  # takes half a second to import
        from tasks.sources.source import FILE_COLUMN

        self._files.clear()
        try:
            for batch in files.read_batches(self.address, self.format, self.headers, self.sha256, self.shown, plain):
                self._files.update(batch[FILE_COLUMN].drop_null().unique().to_pylist())
                yield batch
        except SourceError as error:
            raise SourceError(hide(str(error), self.address)) from None
