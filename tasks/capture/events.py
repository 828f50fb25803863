"""One captured request and its answer, from a JSON line of SageMaker's data capture.

Source: "Capture data from real-time endpoint" in the SageMaker AI Developer Guide.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

EVENT_VERSION = "0"
LONGEST_ID = 256
"""The most characters of an event's id, and of an inference id, of which SageMaker takes 64."""


class Unreadable(Exception):
    """A line that can't be read. Its text has no value of the line."""


class Part(NamedTuple):
    """A request or an answer."""

    content_type: str
    body: bytes


class Event(NamedTuple):
    """A captured request and its answer."""

    line: int
    """Its line in the file, from 1."""
    id: str
    inference_id: str | None
    """What the caller named it; None without a name."""
    time: datetime
    """When it was answered, in UTC."""
    request: Part
    answer: Part


def event_of(text: bytes, line: int) -> Event:
    """Return the event of a line. Raises Unreadable."""
    content = _parsed(text)
    version = content.get("eventVersion")
    if version != EVENT_VERSION:
        raise Unreadable(f"expected eventVersion {EVENT_VERSION!r}, found {_kind(version)}")
    data, metadata = _object(content, "captureData"), _object(content, "eventMetadata")
    inference = metadata.get("inferenceId")
    return Event(
        line,
        _id(metadata, "eventId"),
        None if inference is None else _id(metadata, "inferenceId"),
        _time(_text(metadata, "inferenceTime")),
        _part(data, "endpointInput"),
        _part(data, "endpointOutput"),
    )


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable("expected JSON, found something else, or a line that is cut") from None
    if not isinstance(content, dict):
        raise Unreadable(f"expected a JSON object, found {_kind(content)}")
    return content


def _object(content: dict[str, Any], key: str) -> dict[str, Any]:
    found = content.get(key)
    if not isinstance(found, dict):
        raise Unreadable(f"{key}: expected an object, found {_kind(found)}")
    return found


def _text(content: dict[str, Any], key: str) -> str:
    found = content.get(key)
    if not isinstance(found, str):
        raise Unreadable(f"{key}: expected a text, found {_kind(found)}")
    return found


def _id(metadata: dict[str, Any], key: str) -> str:
    found = _text(metadata, key)
    if not 0 < len(found) <= LONGEST_ID:
        raise Unreadable(f"{key}: expected 1 to {LONGEST_ID} characters, found {len(found):,}")
    return found


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable("inferenceTime: expected a time in ISO 8601, found something else") from None


def _part(data: dict[str, Any], key: str) -> Part:
    found = _object(data, key)
    return Part(_text(found, "observedContentType"), _body(key, _text(found, "encoding"), _text(found, "data")))


def _body(key: str, encoding: str, data: str) -> bytes:
    if encoding in ("JSON", "CSV"):
        return data.encode(errors="surrogatepass")
    if encoding != "BASE64":
        raise Unreadable(f"{key}.encoding: expected BASE64, CSV or JSON, found something else")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"{key}.data: expected base64, found something else") from None


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "another text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")
