"""Unpacks users' archives: no member lies outside of its folder, and a small archive can't fill the disk."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sagemaker_local.errors import JobFailure

MOST_BYTES = 30 << 30
"""Unpacked bytes of one archive or compressed file: the volume that AWS gives a hosting instance by default (30 GB)."""
MOST_MEMBERS = 100_000
"""Files, folders and links of one archive. Model and code archives have tens. Each becomes a file on the disk."""
RESERVE = 32 << 20
"""Bytes of the disk that stay free, for the databases of the servers that run here. They take a few MB."""
_LARGEST_HEADER = 1 << 20  # names and attributes of one member, which tarfile reads into memory
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_CHUNK = 1 << 20
_MOST_BEHIND = 64 << 20
_DEEPEST = 64  # nested folders: each member's path is followed on the disk, part by part
_UNREADABLE = (
    tarfile.TarError,
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    ArithmeticError,
    KeyError,
    RecursionError,
)
"""KeyError: a hard link to a missing member. ArithmeticError: a time that no file can have."""


class _Member(tarfile.TarInfo):
    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        try:
            member = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):  # tarfile reads it as the end of the archive, and drops the rest without an error
                raise tarfile.ReadError(str(error)) from None
            raise
        if member.type in _HEADERS and member.size > _LARGEST_HEADER:
            found = f"An archive's header of {member.size:,} bytes is more than {_LARGEST_HEADER:,}"
            raise JobFailure(f"ClientError: {found}. Nothing was written.")
        return member


def inside(folder: Path, relative: str) -> Path:
    """The path of `relative` in a folder.

    Raises:
        JobFailure: it would be outside.
    """
    target = (folder / relative).resolve()
    if relative.startswith("/") or not target.is_relative_to(folder.resolve()):
        raise JobFailure(f"ClientError: {relative!r} would be written outside of its folder. Nothing was written.")
    return target


def extract(archive: Path, folder: Path, name: str = "") -> None:
    """Unpacks a tar, compressed or not, into a folder.

    Args:
        archive: the file.
        folder: where its members go.
        name: what to call the archive in an error; its file's name when not given.

    Raises:
        JobFailure: it is not a tar, is too large unpacked, or a member or a link would lie outside; then nothing is
            written at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = name or archive.name
    try:
        with tarfile.open(archive, tarinfo=_Member) as tar:
            members = list(_checked(tar, folder, name))
            _read_to_the_end(tar)
            tar.extractall(folder, members=members, filter="data")
    except _UNREADABLE as error:
        raise JobFailure(f"ClientError: Failed to extract {name}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What is wrong with an archive, in one line: tarfile lists all its attempts to open a file."""
    if isinstance(error, RecursionError):
        return "it has too many headers before a member"
    return "it is not a tar, compressed or not" if "\n" in str(error) else str(error)


def copy_limited(source: IO[bytes] | Any, target: IO[bytes], folder: Path, name: str) -> None:
    """Copies the decompressed bytes.

    Raises:
        JobFailure: it is too large.
    """
    room, size = _room(folder), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > room:
            raise JobFailure(_too_large(name, room))
        target.write(chunk)


def _checked(tar: tarfile.TarFile, folder: Path, name: str) -> Iterator[tarfile.TarInfo]:
    """The members, each as soon as its header is read, so that no more than the limit is ever decompressed."""
    room, size, links = _room(folder), 0, set[PurePosixPath]()
    for count, member in enumerate(tar, start=1):
        size += member.size
        if size > room:
            raise JobFailure(_too_large(name, room))
        if count > MOST_MEMBERS:
            raise JobFailure(f"ClientError: {name} holds more than {MOST_MEMBERS:,} files. Nothing was written.")
        _check_place(member, folder, links)
        yield member


def _read_to_the_end(tar: tarfile.TarFile) -> None:
    """After the members come zeros and, in a compressed archive, the checksum of the whole."""
    for _ in range(_MOST_BEHIND // _CHUNK):
        if not (tar.fileobj and tar.fileobj.read(_CHUNK)):
            return
    raise tarfile.ReadError("there is too much data after the last member")


def _check_place(member: tarfile.TarInfo, folder: Path, links: set[PurePosixPath]) -> None:
    if len(PurePosixPath(member.name).parts) > _DEEPEST or len(PurePosixPath(member.linkname).parts) > _DEEPEST:
        raise tarfile.ReadError(f"{member.name[:80]!r}... has more than {_DEEPEST} folders within each other")
    inside(folder, member.name)
    tarfile.data_filter(member, str(folder))
    path = PurePosixPath(member.name)
    if not links.isdisjoint(path.parents):  # the links decide where such a member is written
        raise JobFailure(f"ClientError: {member.name!r} would be written through a link. Nothing was written.")
    if member.issym():
        links.add(path)


def _room(folder: Path) -> int:
    return max(0, min(MOST_BYTES, shutil.disk_usage(folder).free - RESERVE))


def _too_large(name: str, room: int) -> str:
    if room == MOST_BYTES:
        limit = "which is the limit"
    else:
        limit = "which is all that the disk of this machine has room for. Free some space and start it again"
    return f"ClientError: {name} is more than {room >> 20:,} MiB when it is unpacked, {limit}."
