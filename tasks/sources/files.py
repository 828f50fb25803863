"""Reads the rows of the file at an address: of any kind, compressed or not, or of the files of a zip archive."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format
from tabular.plain_columns import PlainColumns
from tasks.sources import (
    archives,
    arrow_files,
    checksums,
    compressed,
    contents,
    delimited_files,
    json_lines,
    parquet_files,
)
from tasks.sources.places import place
from tasks.sources.same_columns import SameColumns
from tasks.sources.source import LINE_COLUMN, REASON_COLUMN


def read_batches(
    address: str,
    format: Format = USUAL,
    headers: Sequence[str] = (),
    sha256: str | None = None,
    shown: str | None = None,
    plain: PlainColumns | None = None,
) -> Iterator[pa.RecordBatch]:
    """Read the file at an address, as in `tasks.sources.source.Source.batches`.

    `headers` are the expected headers, `shown` is the address without secrets, and the columns of `plain` may be
    converted where their cells are plain texts (`tabular.plain_columns`). Raises SourceError when the file
    can't be read, has no rows, or has another checksum than `sha256`.
    """
    found = Found()
    with place(address).open() as file:
        if sha256 is not None:
            checksums.require(file, sha256, address)
        for batch in read_file(file, shown or address, format, headers, plain):
            found.add(batch)
            yield batch
    if not found.rows:
        raise SourceError(f"{address}: expected rows, found {found.instead_of_rows()}")


def fingerprint(address: str) -> str | None:
    """Return the fingerprint of a file; None if its place has none. Raises SourceError for an unknown scheme."""
    return place(address).fingerprint()


def read_file(
    file: IO[bytes],
    address: str,
    format: Format = USUAL,
    headers: Sequence[str] = (),
    plain: PlainColumns | None = None,
) -> Iterator[pa.RecordBatch]:
    """Read an open, seekable file. The rows of a zip archive of several files have their file. Raises SourceError."""
    try:
        head = contents.head_of(file)
        if head.startswith(archives.MAGIC) and not archives.is_workbook(file):
            yield from _archived(file, address, format, headers)
        elif name := compressed.method(head):
            yield from _decompressed(compressed.decompressed(file, name, address), address, format, headers, plain)
        else:
            file.seek(0)
            yield from _read(file, address, format, headers, plain)
    except OSError as error:
        raise SourceError(f"{address}: can't be read: {error.strerror or error}") from error


def _archived(file: IO[bytes], address: str, format: Format, headers: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with archives.opened(file, address) as archive:
        members = archives.tables(archive, format.member, address)
        names = {member.filename: f"{address}/{member.filename}" for member in members}
        kinds = {}
        for name in names:
            with archive.open(name) as content:
                kinds[name] = contents.kind_of_stream(content)
        _require_one_kind(kinds, address)
        same = SameColumns(headers) if len(names) > 1 else None
        for name, shown in names.items():
            with archive.open(name) as content:
                for batch in _decompressed(content, shown, format, headers):
                    yield same.aligned(batch, shown) if same else batch


def _require_one_kind(kinds: dict[str, contents.Kind], address: str) -> None:
    if len(set(kinds.values())) > 1:
        first: dict[str, str] = {}
        for name, kind in kinds.items():
            first.setdefault(kind, name)
        found = ", ".join(f"{kind} in {name!r}" for kind, name in first.items())
        raise SourceError(
            f"{address}: expected files of one kind in the archive, found {found}. Name those to read: `member: NAME`"
        )


def _decompressed(
    content: IO[bytes], address: str, format: Format, headers: Sequence[str], plain: PlainColumns | None = None
) -> Iterator[pa.RecordBatch]:
    """Read content that can only be read from its beginning."""
    if contents.kind_of_stream(content) not in contents.SEEKABLE:
        yield from _read(content, address, format, headers, plain)
        return
    with compressed.seekable(content) as file:
        yield from _read(file, address, format, headers)


def _read(
    file: IO[bytes], address: str, format: Format, headers: Sequence[str], plain: PlainColumns | None = None
) -> Iterator[pa.RecordBatch]:
    match contents.kind_of(file):
        case "Parquet":
            yield from parquet_files.read_batches(file, address, format.missing)
        case "Arrow":
            yield from arrow_files.read_batches(file, address, format.missing)
        case "a workbook":
            from tasks.sources import workbooks  # python-calamine is needed for these only

            yield from workbooks.read_batches(file, address, format, headers)
        case "JSON Lines":
            yield from json_lines.read_batches(file, address, format, headers)
        case _:
            yield from delimited_files.read_batches(file, address, format, headers, plain)


class Found:
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
