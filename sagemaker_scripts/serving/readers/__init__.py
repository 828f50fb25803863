"""Reads the rows of a request, in the format of its content type."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from serving.media_types import (
    ARROW_FILE,
    ARROW_STREAM,
    CSV,
    JSON,
    JSON_LINES,
    OTHER_NAMES,
    PARQUET,
    media_type,
)
from serving.readers import arrow_rows, csv_rows, fast_json, json_lines, json_rows, parquet_rows
from serving.readers.request_rows import RequestRows
from serving.rejected import LONGEST_SHOWN, Rejected
from tabular.columns import Column

UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True)
class Reader:
    """The functions that read one format."""

    read: Callable[[bytes | str, Sequence[Column], int | None], RequestRows]
    """Reads the rows as columns, without a check of their values. Raises Rejected (400) for a body that it can't read.

    The last argument is the number of problems to collect, or None for all.
    """
    fast_rows: Callable[[bytes], list[dict[str, Any]] | None] | None = None
    """Reads plain rows as objects; None for a body that only `read` can read."""


READERS = {
    JSON: Reader(json_rows.read, fast_json.fast_rows),
    JSON_LINES: Reader(json_lines.read, json_lines.fast_rows),
    CSV: Reader(csv_rows.read),
    PARQUET: Reader(parquet_rows.read),
    ARROW_STREAM: Reader(arrow_rows.read),
    ARROW_FILE: Reader(arrow_rows.read),
}
"""The readers, by media type."""
TEXTS = (JSON, JSON_LINES, CSV)
"""The formats of text, which may have a charset."""


@lru_cache(maxsize=256)
def reader_of(content_type: str) -> Reader:
    """Return the reader of a content type. Raises Rejected (415) for another type or charset."""
    found = media_type(content_type)
    if found is None or found.standard_name not in READERS:
        known = [*READERS, *OTHER_NAMES]
        message = f"Content type: expected one of {', '.join(known)}, found {content_type[:LONGEST_SHOWN]!r}"
        raise Rejected(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    charset = found.parameters.get("charset", "utf-8").strip().lower()
    if found.standard_name in TEXTS and charset not in UTF_8:
        message = f"Content type: expected the charset utf-8, found {charset[:LONGEST_SHOWN]!r}"
        raise Rejected(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    return READERS[found.standard_name]
