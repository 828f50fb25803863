"""Requests to web servers over https, or over http to this machine. Redirects are checked."""

import base64
import http.client
import ipaddress
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import IO
from urllib.parse import SplitResult, unquote, urlsplit

from config.errors import SourceError

TIMEOUT_SECONDS = 60
"""The timeout of one read, not of the whole answer."""
LOOPBACK_NAME = "localhost"
BROKEN = (http.client.IncompleteRead, ConnectionError, TimeoutError)
"""The errors of a connection that was made and then lost."""
FORGED = re.compile(r"[\s\\%<>\"'{}|^`\x00-\x1f]")
"""Characters that no host has. Programs disagree where the host of an address with one of them ends."""


def opened(
    url: str, headers: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    """Request `url`. `secrets` are headers that are sent to its own server only, not after a redirect.

    The address and every redirect must be https, or http to a loopback address. After https, http is refused. Raises
    SourceError for a refused address, and HTTPError, OSError or HTTPException when no answer of success arrives.
    """
    check(url, url, secure_only=False)
    opener = urllib.request.build_opener(CheckedRedirects(url))
    request = _request(url, headers or {}, secrets or {})
    return opener.open(request, timeout=TIMEOUT_SECONDS)  # type: ignore[no-any-return]


def answer(error: urllib.error.HTTPError) -> str:
    """Return what a server answered, as a message."""
    if 300 <= error.code < 400:
        return "redirects endlessly, or to an address without https://"
    return f"answered {error.code} {str(error.reason).splitlines()[0] if error.reason else ''}".rstrip()


def reason(error: Exception) -> str:
    """Return why a request failed, as a message."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server {answer(error)}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return f"the server sent nothing for {TIMEOUT_SECONDS} seconds"
    if isinstance(cause, http.client.HTTPException):
        return "the server's answer is not HTTP, or it hung up"
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def origin(url: str) -> tuple[str, str, int | None]:
    """Return the scheme, the host and the port of an address."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(scheme)


def _request(url: str, headers: Mapping[str, str], secrets: Mapping[str, str]) -> urllib.request.Request:
    """Return a request for `url`. Its user and password are sent only to its own server, not after a redirect."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(  # noqa: S310  it is checked
        parts._replace(netloc=place, fragment="").geturl(), headers=dict(headers)
    )
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(secret).decode()}")
    for name, value in secrets.items():
        request.add_unredirected_header(name, value)
    return request


class CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Applies the rule of the first address to every redirect."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._secure_only = urlsplit(url).scheme.lower() == "https"

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        check(newurl, self._url, secure_only=self._secure_only)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def check(address: str, url: str, *, secure_only: bool) -> None:
    """Raise SourceError when `address`, to which `url` leads, is neither https nor, unless `secure_only`, loopback."""
    parts = _parts(address, url)
    scheme = parts.scheme.lower()
    if scheme == "https" or (scheme == "http" and not secure_only and _is_loopback(parts.hostname or "")):
        return
    where = "" if address == url else f" in a redirect to {parts.hostname}"
    raise SourceError(f"{url}: expected https://, found {scheme}://{where}, which does not protect the data")


def _parts(address: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        odd = any(c.isspace() or ord(c) < 32 for c in address) or "\\" in parts.netloc or FORGED.search(host)
        if parts.hostname and parts.port != 0 and not odd:
            parts.hostname.encode("idna")
            return parts
    except (ValueError, UnicodeError):
        pass
    where = "" if address == url else "a redirect to "
    raise SourceError(f"{url}: expected an address such as https://example.com/rows.csv, found {where}a malformed one")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == LOOPBACK_NAME
