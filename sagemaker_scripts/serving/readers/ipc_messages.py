"""Reads from the messages of an Arrow IPC stream what their content takes when it is decompressed.

A message has its metadata as a FlatBuffer (Arrow's `Message.fbs`), which pyarrow verifies but does not show. In a
compressed batch each buffer begins with its decompressed length, as 64 bits, or -1 if it is not compressed.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

_HEADER, _DICTIONARY_DATA = 2, 1
"""The places of fields in the tables Message and DictionaryBatch."""
_LENGTH, _BUFFERS, _COMPRESSION = 0, 2, 3
"""The places of fields in the table RecordBatch."""
_LENGTH_BYTES = 8


@dataclass(frozen=True)
class BatchSize:
    """What a message declares."""

    rows: int
    """The rows of a batch; 0 for a dictionary."""
    decompressed: int
    """The bytes of its compressed buffers after decompression."""


def batch_sizes(body: pa.Buffer) -> Iterator[BatchSize]:
    """Yield the size of each batch and dictionary of a stream. Raises pyarrow's errors, or struct.error."""
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    for message in messages:
        if message.type in ("record batch", "dictionary"):
            yield _size(message)


def _size(message: pa.ipc.Message) -> BatchSize:
    metadata = memoryview(message.metadata)
    header = _Table(metadata, _number("<I", metadata, 0)).table(_HEADER)
    is_batch = message.type == "record batch"
    batch = header if is_batch else header and header.table(_DICTIONARY_DATA)
    if batch is None:
        raise pa.ArrowInvalid("a message has no content")
    rows = batch.number(_LENGTH, "<q") if is_batch else 0
    compressed = batch.table(_COMPRESSION) is not None
    return BatchSize(rows, sum(_decompressed(batch, message.body)) if compressed else 0)


def _decompressed(batch: "_Table", body: pa.Buffer | None) -> Iterator[int]:
    content = memoryview(body) if body is not None else memoryview(b"")
    for start, length in batch.pairs(_BUFFERS):
        if length >= _LENGTH_BYTES:
            declared = _number("<q", content, start)
            yield length if declared == -1 else max(declared, 0)


@dataclass(frozen=True)
class _Table:
    """A table of a FlatBuffer, at a place in it."""

    content: memoryview
    place: int

    def _field(self, number: int) -> int | None:
        """Return the place of a field; None if it is not set."""
        offsets = self.place - _number("<i", self.content, self.place)
        entry = 4 + 2 * number
        if entry >= _number("<H", self.content, offsets):
            return None
        offset = _number("<H", self.content, offsets + entry)
        return self.place + offset if offset else None

    def number(self, field: int, form: str) -> int:
        place = self._field(field)
        return 0 if place is None else _number(form, self.content, place)

    def table(self, field: int) -> "_Table | None":
        place = self._field(field)
        return None if place is None else _Table(self.content, place + _number("<I", self.content, place))

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """Yield the entries of a vector of structs of two 64-bit numbers."""
        place = self._field(field)
        if place is not None:
            start = place + _number("<I", self.content, place)
            count = _number("<I", self.content, start)
            yield from struct.iter_unpack("<qq", self.content[start + 4 : start + 4 + 16 * count])


def _number(form: str, content: memoryview, place: int) -> int:
    if place < 0:
        raise struct.error("a place before the content")
    return int(struct.unpack_from(form, content, place)[0])
