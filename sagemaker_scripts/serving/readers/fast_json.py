"""Parses plain JSON with the fastest parser that is installed, and never with another result than `exact_json`.

Both parsers give the same values unless the text repeats a key or has a whole number of many digits. Every key has a
colon in the text. So if the bytes have as many colons as the parsed objects have keys, no key is repeated. Colons in
texts make the numbers differ, and then the exact parser is used.
"""

import json
import re
from typing import Any

from serving.readers.exact_json import EXACT_DIGITS, no_number

try:
    import orjson
except ImportError:  # AWS's prebuilt image lacks it
    orjson = None  # type: ignore[assignment]

_LONG_WHOLE = re.compile(rb"(?<![.0-9])[0-9]{%d}" % (EXACT_DIGITS + 1))
_DIGITS_AS_ZERO = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))


def _content(body: bytes) -> Any:
    """Return the content of a body. Raises ValueError or RecursionError if it is not plain JSON in UTF-8."""
    if orjson is not None:
        return orjson.loads(body)
    return json.loads(body.decode(), parse_constant=no_number)


def fast_rows(body: bytes) -> list[dict[str, Any]] | None:
    """Return the rows of a body, all objects without a repeated key; None if the exact parser is needed."""
    if _may_have_long_number(body):
        return None
    try:
        content = _content(body)
    except (ValueError, RecursionError):
        return None
    rows, keys = content, 0
    if isinstance(content, dict):
        rows, keys = content.get("instances"), len(content)
    if not isinstance(rows, list) or not _are_objects(rows):
        return None
    return rows if keys + sum(map(len, rows)) == body.count(b":") else None


def _are_objects(rows: list[Any]) -> bool:
    """Whether all rows are JSON objects."""
    return set(map(type, rows)) == {dict}


def _may_have_long_number(body: bytes) -> bool:
    """Whether a whole number has more digits than a parser keeps."""
    zeros = b"0" * (EXACT_DIGITS + 1)
    return zeros in body.translate(_DIGITS_AS_ZERO) and _LONG_WHOLE.search(body) is not None
