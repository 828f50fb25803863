"""Detects the kind of a file of rows by its content."""

from typing import IO, Literal

from tabular.file_kinds import is_json
from tasks.sources import archives
from tasks.sources.parquet_files import is_parquet

Kind = Literal["delimited text", "JSON Lines", "Parquet", "Arrow", "a workbook"]
SEEKABLE: tuple[Kind, ...] = ("Parquet", "Arrow", "a workbook")
"""The kinds that are not read from the beginning to the end."""
IPC_FILE, IPC_STREAM, OLE = b"ARROW1", b"\xff\xff\xff\xff", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEAD_BYTES = 1 << 12


def kind_of(file: IO[bytes]) -> Kind:
    """Return the kind of a seekable file, or of a stream that is not a zip archive."""
    if (found := kind_of_stream(file)) != "a workbook" or head_of(file).startswith(OLE):
        return found
    whether = archives.is_workbook(file)
    file.seek(0)
    return "a workbook" if whether else "delimited text"


def kind_of_stream(file: IO[bytes]) -> Kind:
    """Return the kind of a file at its beginning, and return to it. A zip archive counts as a workbook.

    A file that is none of the other kinds may be delimited text.
    """
    head = head_of(file)
    if is_parquet(file):
        return "Parquet"
    if (head.startswith(IPC_FILE) and any(byte < 9 for byte in head)) or head.startswith(IPC_STREAM):
        return "Arrow"
    if head.startswith((OLE, *archives.MAGIC)):
        return "a workbook"
    return "JSON Lines" if is_json(head) else "delimited text"


def head_of(file: IO[bytes]) -> bytes:
    """Return the first bytes of a file, and return to its beginning."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return head
