"""The files of a zip archive."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import IO

from config.errors import SourceError
from tabular.suggestions import did_you_mean, listed
from tasks.sources.compressed import refuse_beyond_limits

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOKS = ("xl/workbook.xml", "content.xml")
"""The files that Excel's and OpenDocument's workbooks have. They are archives as well."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError)


def is_workbook(file: IO[bytes]) -> bool:
    """Whether an archive is a workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name in archive.namelist() for name in WORKBOOKS)
    except (*_DAMAGED, ValueError, OSError):
        return False


@contextmanager
def opened(file: IO[bytes], address: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive. Raises SourceError when it is damaged, and when its files are larger than any table's."""
    try:
        with zipfile.ZipFile(file) as archive:
            size = file.seek(0, 2)
            refuse_beyond_limits(sum(member.file_size for member in archive.infolist()), size, address)
            yield archive
    except _DAMAGED as error:
        raise SourceError(
            f"{address}: expected a whole zip archive, found one that is cut off or damaged: {error}. Copy it again"
        ) from error


def tables(archive: zipfile.ZipFile, pattern: str | None, address: str) -> list[zipfile.ZipInfo]:
    """Return the archive's files that fit `pattern`, in the order of their names; all for None.

    Files of macOS and hidden files are left out. Raises SourceError when there is none, or when one is encrypted.
    """
    found = {member.filename: member for member in archive.infolist() if _is_table(member)}
    wanted = [found[name] for name in sorted(found) if pattern is None or _fits(name, pattern)]
    if not wanted:
        near = did_you_mean(pattern, found) if pattern else ""
        expected = f"a file {pattern!r}" if pattern else "a file"
        raise SourceError(
            f"{address}: expected {expected} in the archive, found {listed(sorted(found)) or 'none'}{near}"
        )
    if encrypted := [member.filename for member in wanted if member.flag_bits & 1]:
        raise SourceError(f"{address}: expected files without a password, found {encrypted[0]!r} with one. Unpack it")
    return wanted


def _is_table(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.split("/")
    return not member.is_dir() and not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)
