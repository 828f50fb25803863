"""The objects below a prefix in S3, and which of them were read."""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Self

from config.errors import SourceError
from tasks import clients
from tasks.sources.places.s3 import BUCKET, explained
from tasks.sources.source import Position

ENTRY = struct.Struct(">8s4s")
"""An object that was read: the digests of its key and of its ETag. So 10,000 objects are 160 kB of a position."""

PAGE_KEYS = 1_000
"""The keys of one answer, of which S3 allows no more."""


@dataclass(frozen=True, order=True)
class S3File:
    """An object of a listing. The order is that of reading: by time, then by key."""

    modified: datetime
    """Of a multipart upload, this is when it began: an object may appear that is older than those that were read."""
    key: str
    etag: str


@dataclass(frozen=True)
class Prefix:
    """The objects below `s3://BUCKET/PREFIX/` whose keys below it fit a pattern."""

    bucket: str
    folder: str
    """It is empty or ends with a slash."""
    pattern: str

    @classmethod
    def at(cls, address: str, pattern: str) -> Self:
        """Return the prefix of an address. Raises SourceError when it is no address in S3."""
        found = re.fullmatch(r"s3://([^/]*)/*(.*?)/*", address, re.IGNORECASE)
        if found is None or not BUCKET.fullmatch(found[1]):
            raise SourceError(f"source.location: expected s3://BUCKET/PREFIX/, found {address!r}")
        return cls(found[1], f"{found[2]}/" if found[2] else "", pattern)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.folder}{self.pattern}"

    def uri(self, file: S3File) -> str:
        """Return the address of an object."""
        return f"s3://{self.bucket}/{file.key}"

    def files(self) -> Iterator[S3File]:
        """Yield the objects in the order of S3. Raises SourceError, and the errors of `tasks.clients`."""
        pages = (
            clients.s3()
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.bucket, Prefix=self.folder, PaginationConfig={"PageSize": PAGE_KEYS})
        )
        with explained(str(self)):
            for page in pages:
                for item in page.get("Contents", []):
                    if item["Size"] and self._fits(item["Key"]):
                        yield S3File(item["LastModified"], item["Key"], item["ETag"])

    def _fits(self, key: str) -> bool:
        name = key.removeprefix(self.folder)
        return not re.search(r"(^|/)[._]", name) and not key.endswith("/") and fnmatchcase(name, self.pattern)


@dataclass
class ReadObjects:
    """The objects that were read. It has digests of their keys and ETags, because a prefix may have many objects."""

    entries: dict[bytes, bytes] = field(default_factory=dict)
    newest: str = ""

    @classmethod
    def of(cls, position: Position, prefix: str) -> Self:
        """Return the objects of a position. Raises SourceError when it is not one of this kind of source."""
        try:
            content = base64.b64decode(position["read"], validate=True)
            return cls(dict(ENTRY.iter_unpack(content)), str(position.get("newest", "")))
        except (KeyError, TypeError, binascii.Error, struct.error) as error:
            raise SourceError(
                f"{prefix}: expected the position of a prefix in S3, found one of another source. The dataset's rows "
                "come from another source: read this one with a use case of its own"
            ) from error

    def has(self, file: S3File) -> bool:
        """Whether this object was read, with this content."""
        return self.entries.get(_digest(file.key, 8)) == _digest(file.etag, 4)

    def knows(self, key: str) -> bool:
        """Whether an object of this key was read."""
        return _digest(key, 8) in self.entries

    def add(self, file: S3File, etag: str) -> None:
        """Add an object. `etag` is that of the content that was read."""
        self.entries[_digest(file.key, 8)] = _digest(etag, 4)
        self.newest = file.key

    def copy(self) -> "ReadObjects":
        """Return a copy."""
        return ReadObjects(dict(self.entries), self.newest)

    def position(self) -> Position:
        """Return the objects as JSON: their number, the key of the last one, and the digests."""
        content = b"".join(ENTRY.pack(key, etag) for key, etag in sorted(self.entries.items()))
        return {"objects": len(self.entries), "newest": self.newest, "read": base64.b64encode(content).decode()}


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
