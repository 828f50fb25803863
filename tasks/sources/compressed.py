"""Decompresses files of rows as streams, within limits that stop a decompression bomb."""

import io
import lzma
from typing import IO, Any

import pyarrow as pa

from config.errors import SourceError
from tasks.temporary_files import temporary_file

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
SKIPPABLE = b"\x2a\x4d\x18"
"""The end of the first word of a Zstandard frame without data, with which some files begin (RFC 8878, 3.1.2)."""
LARGEST_BYTES = 1 << 38
"""The most bytes of a decompressed file: 256 GiB."""
LARGEST_RATIO = 200
"""The most bytes for one compressed byte, beyond FREE_BYTES. Tables of text seldom exceed 50; a bomb has 1,000."""
FREE_BYTES = 1 << 27
BUFFER_BYTES = 1 << 20
_DAMAGED = (OSError, EOFError, lzma.LZMAError, pa.ArrowException)


def method(head: bytes) -> str | None:
    """Return the name of the compression of the file that begins with `head`, or None."""
    if head[1:4] == SKIPPABLE and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    found = next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)
    return None if found == "bzip2" and not head[3:10].endswith(b"1AY&SY") else found


def decompressed(file: IO[bytes], name: str, address: str) -> IO[bytes]:
    """Return the content of a compressed file as a stream that can be read, and read again from its beginning.

    Reading raises SourceError for a damaged file and for one beyond the limits.
    """
    return io.BufferedReader(_Decompressed(file, name, address), BUFFER_BYTES)


def refuse_beyond_limits(out: int, into: int, address: str) -> None:
    """Raise SourceError when `out` bytes from `into` compressed ones are more than any table has."""
    if out > LARGEST_BYTES:
        found = f"more than {LARGEST_BYTES >> 30:,} GiB"
    elif out > FREE_BYTES and out > LARGEST_RATIO * into:
        found = f"more than {LARGEST_RATIO} times its size, as in a decompression bomb"
    else:
        return
    raise SourceError(
        f"{address}: expected a compressed table, found content of {found}. If it is one, decompress it first"
    )


def seekable(stream: IO[bytes]) -> IO[bytes]:
    """Return a temporary copy of a stream, open at its beginning."""
    file = temporary_file()
    while chunk := stream.read(BUFFER_BYTES):
        file.write(chunk)
    file.seek(0)
    return file


class _Decompressed(io.RawIOBase):
    """The content of a compressed file. It can only be read from its beginning."""

    def __init__(self, file: IO[bytes], name: str, address: str) -> None:
        self._file, self._name, self._address = file, name, address
        self._stream = self._opened()
        self._out = 0

    def _opened(self) -> Any:
        self._file.seek(0)
        if self._name == "xz":
            return lzma.LZMAFile(self._file)
        codec = "bz2" if self._name == "bzip2" else self._name
        return pa.CompressedInputStream(pa.PythonFile(_LeftOpen(self._file), "r"), codec)

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._stream.read(len(buffer))
        except _DAMAGED as error:
            raise SourceError(
                f"{self._address}: expected a whole file compressed by {self._name}, found one that is cut off or "
                "damaged. Copy it again"
            ) from error
        self._out += len(found)
        refuse_beyond_limits(self._out, self._file.tell(), self._address)
        buffer[: len(found)] = found
        return len(found)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._out

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("a compressed file is read from its beginning")
        self._stream, self._out = self._opened(), 0
        return 0


class _LeftOpen:
    """A file that Arrow does not close."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.tell = file.read, file.tell

    def close(self) -> None: ...
