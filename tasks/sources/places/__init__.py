"""The places of files: a path, S3 or the web. Each place opens a file and returns its fingerprint."""

import re
from typing import IO, Protocol

from config.errors import SourceError
from tasks.sources.places.https import Https
from tasks.sources.places.path import LocalPath
from tasks.sources.places.s3 import S3Object


class Place(Protocol):
    """The address of one file."""

    def open(self) -> IO[bytes]:
        """Open the file for reading, seekable. Raises SourceError, in one sentence, when it can't be read."""

    def fingerprint(self) -> str | None:
        """Return a token that changes when the file may have changed; None when only reading the file shows that."""


def place(address: str) -> Place:
    """Return the place of an address. Raises SourceError for a scheme other than s3, https and http."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):/", address)
    match scheme and scheme[1].lower():
        case None:
            return LocalPath(address)
        case "s3":
            return S3Object(address)
        case "http" | "https":
            return Https(address)
        case other:
            raise SourceError(f"{address}: expected a path, s3://... or https://..., found {other}://")
