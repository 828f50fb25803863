"""AWS's event stream encoding (`application/vnd.amazon.eventstream`): framed messages with headers and checksums."""

from __future__ import annotations

import struct
import zlib

from sagemaker_local import strict_json

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7


def event(name: str, payload: bytes) -> bytes:
    """An event of this type, such as `PayloadPart`."""
    headers = {":message-type": "event", ":event-type": name, ":content-type": "application/octet-stream"}
    return _message(headers, payload)


def exception(name: str, **members: str) -> bytes:
    """An exception of the model, such as `ModelStreamError`, which ends the stream."""
    headers = {":message-type": "exception", ":exception-type": name, ":content-type": "application/json"}
    return _message(headers, strict_json.dumps(members).encode())


def _message(headers: dict[str, str], payload: bytes) -> bytes:
    encoded = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    start = prelude + struct.pack("!I", zlib.crc32(prelude))
    message = start + encoded + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _STRING, len(value)) + value.encode()
