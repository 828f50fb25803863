"""Splits an object of a transform job into records, and combines records into the payloads of requests."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sagemaker_local.errors import JobFailure

_RECORDIO_MAGIC = 0xCED7230A
_RECORDIO_LENGTH = (1 << 29) - 1
TOO_MUCH = "Too much data for max payload size"


class RecordError(JobFailure):
    """An object that can't be split or sent; reported in the data log."""


@dataclass
class Batch:
    """One request: the records as they are in the object, and the payload."""

    records: list[bytes] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    separator: bytes = b""

    @property
    def payload(self) -> bytes:
        return self.separator.join(self.parts)


def records(path: Path, split: str, *, bare: bool) -> Iterator[bytes]:
    """The records of a file.

    Args:
        path: a file on this machine.
        split: `None`, `Line`, `RecordIO` or `TFRecord`.
        bare: whether to remove the padding of binary records, as with BatchStrategy SingleRecord.

    Raises:
        RecordError: the file is not of this format.
    """
    if split == "None":
        yield path.read_bytes()
        return
    with path.open("rb") as file:
        if split == "Line":
            yield from (line.removesuffix(b"\n").removesuffix(b"\r") for line in file)
        else:
            yield from (_recordio if split == "RecordIO" else _tfrecord)(file, bare=bare)


def batches(
    every: Iterable[bytes], send: Callable[[bytes], bytes], split: str, *, single: bool, most: int
) -> Iterator[Batch]:
    """The requests that an object becomes.

    Args:
        every: the records of the object.
        send: makes the payload of a record.
        split: the SplitType.
        single: one record in each request, or as many as fit.
        most: bytes of a payload; 0 means no limit.

    Raises:
        RecordError: one record alone is more than `most`.
    """
    separator = b"\n" if split == "Line" else b""
    batch, size = Batch(separator=separator), 0
    for record in every:
        part = send(record)
        if most and len(part) > most:
            raise RecordError(TOO_MUCH)
        more = len(part) + (len(separator) if batch.parts else 0)
        if batch.parts and (single or (most and size + more > most)):
            yield batch
            batch, size, more = Batch(separator=separator), 0, len(part)
        batch.records.append(record)
        batch.parts.append(part)
        size += more
    if batch.parts:
        yield batch


def _recordio(file: IO[bytes], *, bare: bool) -> Iterator[bytes]:
    """Apache MXNet's RecordIO: a magic number, the length, the data, padding to four bytes."""
    while head := file.read(8):
        magic, word = struct.unpack("<II", head) if len(head) == 8 else (0, 0)
        length = word & _RECORDIO_LENGTH
        padded = file.read((length + 3) // 4 * 4)
        if magic != _RECORDIO_MAGIC or len(padded) < length:
            raise RecordError("The data is not in RecordIO format")
        yield padded[:length] if bare else head + padded


def _tfrecord(file: IO[bytes], *, bare: bool) -> Iterator[bytes]:
    """TensorFlow's TFRecord: the length and its checksum, the data and its checksum."""
    while head := file.read(12):
        length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else -1
        data = file.read(length + 4) if 0 <= length < 1 << 40 else b""
        if len(data) != length + 4:
            raise RecordError("The data is not in TFRecord format")
        yield data[:length] if bare else head + data
