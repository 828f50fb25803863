"""The files below a prefix in S3. A run reads the ones that no earlier run has read, the oldest first."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Self

from config.errors import SourceError, VishwaOpsError
from config.sources import S3PrefixSource
from config.variables import without_secrets
from tabular.formats import Format
from tabular.suggestions import listed
from tasks.progress import log
from tasks.sources.s3_listing import Prefix, ReadObjects, S3File
from tasks.sources.source import Position

if TYPE_CHECKING:
    import pyarrow as pa

    from tasks.sources.same_columns import SameColumns
    from tasks.sources.source import Source


def open_source(source: S3PrefixSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the configured prefix. Raises SourceError when it is no address in S3."""
    return S3Prefix(source, Prefix.at(source.address(), source.pattern), source.format(headers), tuple(headers))


@dataclass
class S3Prefix:
    """The objects below a prefix that are not among those that were read."""

    source: S3PrefixSource
    prefix: Prefix
    format: Format
    headers: tuple[str, ...]
    before: ReadObjects | None = None
    """The objects that were read before; None if nothing was read yet."""
    _read: ReadObjects = field(default_factory=ReadObjects, init=False, repr=False)
    _files: int | None = field(default=None, init=False, repr=False)

    def describe(self) -> str:
        """The prefix, the pattern, and after reading also the number of files that were read."""
        files = "" if self._files is None else f" ({self._files:,} file{'' if self._files == 1 else 's'})"
        return f"{without_secrets(str(self.prefix))}{files}"

    def fingerprint(self) -> str | None:
        """Return a digest of the keys and ETags of the listing; None when S3 refuses to list."""
        try:
            found = [f"{file.key}\n{file.etag}\n" for file in sorted(self.prefix.files())]
        except VishwaOpsError:
            return None
        return f"{self.prefix}:{hashlib.sha256(''.join(found).encode()).hexdigest()}"

    def after(self, position: Position | None) -> Self:
        """Return the source of the objects that are not part of a position. Raises SourceError for another's one."""
        before = None if position is None else ReadObjects.of(position, str(self.prefix))
        return type(self)(self.source, self.prefix, self.format, self.headers, before)

    def position(self) -> Position:
        """Return which objects were read, by key and ETag."""
        return (self._read if self._files is not None else self.before or ReadObjects()).position()

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the rows of the new objects, ordered by time and key. Each row has its object and its line.

        Raises SourceError when an object can't be read, has changed since it was read, or lacks a column; and when
        there are no rows and none were read before.
        """
        from tasks.sources.files import Found
        from tasks.sources.same_columns import SameColumns

        self._read, self._files, found = (self.before or ReadObjects()).copy(), 0, Found()
        same = SameColumns(self.headers, self.source.missing_columns, self.source.extra_columns)
        new = self._new()
        for file in new:
            for batch in self._rows(file, same):
                found.add(batch)
                yield batch
        if self.before is None and not found.rows:
            what = found.instead_of_rows() if self._files else "no object that fits"
            raise SourceError(f"{self.prefix}: expected rows, found {what}")

    def _new(self) -> list[S3File]:
        """Return the objects to read, in order. Raises SourceError when one has changed and the rule refuses that."""
        before = self.before or ReadObjects()
        new = sorted(file for file in self.prefix.files() if not before.has(file))
        if changed := [file.key for file in new if before.knows(file.key)]:
            if self.source.changed == "refuse":
                raise SourceError(
                    f"{self.prefix}: expected objects that do not change, found {len(changed):,} with another content "
                    f"since it was read: {listed(changed[:3])}. Write new rows to new objects, or set `changed: add` "
                    "to add the rows of changed objects once more"
                )
            log.info("          %s: changed objects, whose rows are added: %s", self.prefix, listed(changed))
        return new

    def _rows(self, file: S3File, same: "SameColumns") -> "Iterator[pa.RecordBatch]":
        from tasks.sources.files import read_file

        uri = self.prefix.uri(file)
        try:
            content, etag = file_copy(uri)
        except FileNotFoundError:
            log.info("          %s: left out: it was deleted after it was listed", uri)
            return
        with content:
            for batch in read_file(content, uri, self.format, self.headers):
                yield same.aligned(batch, uri)
        self._read.add(file, etag)
        self._files = (self._files or 0) + 1


def file_copy(uri: str) -> tuple[IO[bytes], str]:
    """Return a temporary copy of an object, open at its beginning, and its ETag. Raises FileNotFoundError."""
    from tasks.sources.places.s3 import copied, explained
    from tasks.temporary_files import temporary_file

    file = temporary_file()
    with explained(uri):
        etag = copied(uri, file)
    file.seek(0)
    return file, etag
