"""Checks a file by its SHA-256 before anything is read from it."""

import hashlib
from typing import IO

from config.errors import SourceError


def require(file: IO[bytes], sha256: str, address: str) -> None:
    """Raise SourceError when an open file has another SHA-256, and return to the file's beginning."""
    file.seek(0)
    found = hashlib.sha256()
    while chunk := file.read(1 << 20):
        found.update(chunk)
    file.seek(0)
    if found.hexdigest() != sha256.lower():
        raise SourceError(
            f"{address}: expected the SHA-256 {sha256.lower()} of `source.sha256`, found {found.hexdigest()}. The file "
            "has changed, or was not copied whole. If the change is meant, write the new checksum"
        )
