"""Digests of content. Equal rows have equal digests, independent of their file and of the sizes of their batches."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import IO

from tabular.row_digest import LENGTH, ROWS_FORMAT, RowDigest, of_bytes, of_json

__all__ = ["LENGTH", "ROWS_FORMAT", "RowDigest", "of_bytes", "of_file", "of_json", "of_split"]


def of_split(parts: Mapping[str, str], contract: str, shard_rows: int | Sequence[int] | None = None) -> str:
    """Return the digest of a split: of its parts' digests of rows, by name, its contract's text and its shards' size.

    Shards of another size are another version: a folder with both would have each row twice. `shard_rows` is one
    number, or one for each part; None for splits of older versions, which have one file for each part.
    """
    return of_json([dict(parts), contract, *([] if shard_rows is None else [shard_rows])])


def of_file(file: IO[bytes]) -> str:
    """Return the whole SHA-256 of a file, and leave the file at its beginning."""
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return found
