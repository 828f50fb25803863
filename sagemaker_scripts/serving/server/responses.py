"""HTTP responses as bytes."""

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus

JSON = "application/json"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
RETRY_AFTER = (("Retry-After", "1"),)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Headers = Sequence[tuple[str, str]]


def response(status: int, body: bytes, content_type: str, headers: Headers = ()) -> bytes:
    """Return a whole response of HTTP/1.1 that keeps the connection open."""
    start = _start(status, content_type, tuple(headers))
    return b"%b%b\r\ncontent-length: %d\r\n\r\n%b" % (start, _date(int(time.time())), len(body), body)


def refusal(status: int, error: str, headers: Headers = ()) -> bytes:
    """Return the response to a request that the server does not hand to the model: the reason as JSON."""
    body = json.dumps({"error": error, "problems": []}).encode()
    return response(status, body, JSON, headers)


def closing(whole: bytes) -> bytes:
    """Return a response with the header that closes the connection after it."""
    return whole.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)


def without_body(whole: bytes) -> bytes:
    """Return the response to HEAD where `whole` is the one to GET."""
    return whole[: whole.index(b"\r\n\r\n") + 4]


@lru_cache(64)
def _start(status: int, content_type: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    reason = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name.lower()}: {_line(value)}" for name, value in headers)]
    return "\r\n".join([*lines, f"content-type: {_line(content_type)}", "date: "]).encode("latin-1", "replace")


@lru_cache(2)
def _date(second: int) -> bytes:
    """The time in the form of RFC 9110, 5.6.7. `email.utils` has it too, and imports half a megabyte."""
    moment = time.gmtime(second)
    day, month = _DAYS[moment.tm_wday], _MONTHS[moment.tm_mon - 1]
    return time.strftime(f"{day}, %d {month} %Y %H:%M:%S GMT", moment).encode()


def _line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
