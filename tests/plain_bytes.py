"""The plain bytes of stored objects: without the compression of gzip, zip, tar, Parquet and Avro."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from gzip import decompress

import pyarrow.parquet as pq


def plain(content: bytes) -> bytes:
    """Return the content, followed by what it holds in compressed form."""
    return b"\n".join([content, *_parts(content)])


def _parts(content: bytes) -> Iterator[bytes]:
    if content[:2] == b"\x1f\x8b":
        yield from _tar(decompress(content))
    elif content[:4] == b"PAR1":
        yield _rows(content)
    elif content[:4] == b"Obj\x01":
        yield from _avro(content)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (plain(archive.read(name)) for name in archive.namelist())


def _tar(content: bytes) -> Iterator[bytes]:
    yield content
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if file := archive.extractfile(member):
                    yield plain(file.read())
    except tarfile.ReadError:
        return


def _rows(content: bytes) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    texts = [repr(table.to_pydict()).encode()]
    for column in table.columns:
        if str(column.type) in ("int64", "double"):
            texts += [chunk.to_numpy(zero_copy_only=False).tobytes() for chunk in column.chunks]
    return b"\n".join(texts)


def _avro(content: bytes) -> Iterator[bytes]:
    file, codec = io.BytesIO(content), b""
    file.seek(4)
    while count := _long(file):
        for _ in range(abs(count)):
            name, value = _bytes(file), _bytes(file)
            codec = value if name == b"avro.codec" else codec
    file.read(16)
    while file.tell() < len(content):
        _long(file)
        block = _bytes(file)
        yield zlib.decompress(block, -15) if codec == b"deflate" else block
        file.read(16)


def _long(file: io.BytesIO) -> int:
    number = shift = 0
    while True:
        byte = file.read(1)[0]
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1)


def _bytes(file: io.BytesIO) -> bytes:
    return file.read(_long(file))
