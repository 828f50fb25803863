"""Downloads a file over https, or over http from this machine."""

import base64
import http.client
import ipaddress
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import SplitResult, unquote, urlsplit

from config.errors import SourceError
from tasks.temporary_files import temporary_file

TIMEOUT_SECONDS = 60
"""The timeout of one read, not of the whole file."""
LOOPBACK_NAME = "localhost"


@dataclass(frozen=True)
class Https:
    """`https://...`, or `http://...` on this machine."""

    address: str

    def open(self) -> IO[bytes]:
        """Download the file to a temporary one and open that. Raises SourceError."""
        file = temporary_file()
        download(self.address, file)
        file.seek(0)
        return file

    def fingerprint(self) -> None:
        """Return None: a server may not report that a file has changed."""


def download(url: str, into: IO[bytes]) -> None:
    """Write the whole file at `url` to `into`.

    The first address and every redirect must be https, or http to a loopback address. After https, http is refused.
    Raises SourceError, in one sentence, when the download fails.
    """
    _check(url, url, secure_only=False)
    opener = urllib.request.build_opener(_CheckedRedirects(url))
    try:
        with opener.open(_request(url), timeout=TIMEOUT_SECONDS) as response:
            shutil.copyfileobj(response, into)
            if response.length:  # the bytes that the server announced but did not send
                raise http.client.IncompleteRead(b"")
    except urllib.error.HTTPError as error:
        raise SourceError(f"{url}: can't be read: the server {_answer(error)}") from error
    except http.client.IncompleteRead as error:
        found = into.tell() + len(error.partial)
        raise SourceError(f"{url}: can't be read: the download was cut off after {found:,} bytes. Try again") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SourceError(f"{url}: can't be read: {_reason(error)}") from error


def _answer(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return "redirects endlessly, or to an address without https://"
    return f"answered {error.code} {str(error.reason).splitlines()[0] if error.reason else ''}".rstrip()


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return f"the server sent nothing for {TIMEOUT_SECONDS} seconds"
    if isinstance(cause, http.client.HTTPException):
        return "the server's answer is not HTTP, or it hung up"
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def _request(url: str) -> urllib.request.Request:
    """Return a request for `url`. Its user and password are sent only to its own server, not after a redirect."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(parts._replace(netloc=place, fragment="").geturl())  # noqa: S310  it is checked
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(secret).decode()}")
    return request


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Applies the rule of the first address to every redirect."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._secure_only = urlsplit(url).scheme.lower() == "https"

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        _check(newurl, self._url, secure_only=self._secure_only)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _check(address: str, url: str, *, secure_only: bool) -> None:
    parts = _parts(address, url)
    scheme = parts.scheme.lower()
    if scheme == "https" or (scheme == "http" and not secure_only and _is_loopback(parts.hostname or "")):
        return
    where = "" if address == url else f" in a redirect to {parts.hostname}"
    raise SourceError(f"{url}: expected https://, found {scheme}://{where}, which does not protect the data")


def _parts(address: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        if parts.hostname and parts.port != 0 and not any(c.isspace() or ord(c) < 32 for c in address):
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
