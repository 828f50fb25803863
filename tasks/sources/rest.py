"""The records of a REST API. All pages are received, into a temporary file, before the first row is read from it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Self

from config.errors import SourceError
from config.sources import RestSource, Since
from config.variables import without_secrets
from tabular.formats import Format
from tasks.sources.source import Position
from tasks.sources.transfers import Transfer
from tasks.temporary_files import temporary_file

if TYPE_CHECKING:
    import pyarrow as pa

    from tasks.sources.rest_watermarks import Watermark
    from tasks.sources.source import Source


def open_source(source: RestSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the configured API. Raises ConfigError when an environment variable is not set."""
    format = source.format(headers)
    if source.since is None:
        return Rest(source, format, tuple(headers))
    return RestSince(source, format, tuple(headers), source.since)


@dataclass
class Rest:
    """All records of an API."""

    source: RestSource
    format: Format
    headers: tuple[str, ...]

    def describe(self) -> str:
        """The address without its query."""
        return without_secrets(self.source.location)

    def fingerprint(self) -> None:
        """Return None: only reading shows whether the records have changed."""

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the records as rows. The line of a row is the number of its record.

        Raises SourceError, without secrets, when a page can't be read, and when there are no records.
        """
        with temporary_file() as file:
            if self._receive(file):
                yield from self._rows(file)
            elif self._needs_records():
                raise SourceError(f"{self.describe()}: expected records, found none. Correct `records` or the address")

    def _rows(self, file: IO[bytes]) -> "Iterator[pa.RecordBatch]":
        from tasks.sources import json_lines

        file.seek(0)
        yield from json_lines.read_batches(file, self.describe(), self.format, self.headers)

    def _receive(self, file: IO[bytes]) -> int:
        """Write each new record in a line of JSON, and return their number."""
        from tasks.sources.rest_pages import pages

        count, shown = 0, Transfer(self.describe(), unit="records")
        for records in pages(self.source, self._parameters()):
            for record in records:
                if self._is_new(record):
                    file.write(json.dumps(record).encode() + b"\n")
                    count += 1
            shown.at(count)
        return count

    def _parameters(self) -> dict[str, Any]:
        """What the query has on its first page besides the address."""
        return {}

    def _is_new(self, record: Any) -> bool:
        return True

    def _needs_records(self) -> bool:
        return True


@dataclass
class RestSince(Rest):
    """The records of an API after a watermark."""

    since: Since
    before: Position | None = None
    _watermark: "Watermark" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._watermark = self._begin()

    def after(self, position: Position | None) -> Self:
        """Return the source of the records after a position."""
        return type(self)(self.source, self.format, self.headers, self.since, position)

    def position(self) -> Position:
        """Return the largest value of the field, and digests of the records that have it."""
        return self._watermark.position()

    def _begin(self) -> "Watermark":
        from tasks.sources.rest_watermarks import Watermark

        return Watermark.of(self.since, self.before, self.describe())

    def _parameters(self) -> dict[str, Any]:
        self._watermark = self._begin()
        return self._watermark.parameters()

    def _is_new(self, record: Any) -> bool:
        return self._watermark.is_new(record)

    def _needs_records(self) -> bool:
        return self.before is None
