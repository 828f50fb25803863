"""Downloads a file over https, or over http from this machine."""

import http.client
import re
import urllib.error
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import IO

from config.errors import SourceError
from config.variables import without_secrets
from tasks.sources import web
from tasks.sources.retries import Retries
from tasks.sources.transfers import Transfer
from tasks.temporary_files import temporary_file

CHUNK_BYTES = 1 << 20
DATE_SECONDS = 60
LARGEST_BYTES = 1 << 38
"""The most bytes of a download: 256 GiB."""


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

    After a lost connection, the download continues where it was, if the server says that the file is still the same;
    else it begins again. Redirects follow the rules of `tasks.sources.web`. Raises SourceError, in one sentence, when
    the download fails.
    """
    running, retries, furthest = _Download(url, into), Retries(without_secrets(url)), 0
    while True:
        try:
            return running.receive()
        except (OSError, http.client.HTTPException, ValueError) as error:
            if into.tell() > furthest:
                furthest = into.tell()
                retries.succeeded()
            if running.writing or not retries.wait(error):
                raise SourceError(f"{url}: can't be read: {running.explained(error)}") from error


class _Download:
    """A download and its state: what the server said about the file, and the bytes that have arrived."""

    def __init__(self, url: str, into: IO[bytes]) -> None:
        self._url, self._into = url, into
        self._validator: str | None = None
        """The ETag or the date of the file of which bytes have arrived; None if it can't be continued."""
        self._shown = Transfer(without_secrets(url))
        self.writing = False
        """Whether the disk of this machine is written to, whose errors are not the server's."""

    def receive(self) -> None:
        """Request the bytes that are missing, and write them. Raises the errors of `web.opened` and IncompleteRead."""
        begin = self._into.tell()
        validator = self._validator if begin else None
        headers = {"Range": f"bytes={begin}-", "If-Range": validator} if validator else {}
        try:
            response = web.opened(self._url, headers)
        except urllib.error.HTTPError as error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and headers:
                self._restart()
                raise ConnectionResetError("the file has become shorter") from error
            raise
        with response:
            if not (headers and _continues(response, begin)):
                self._restart()
                self._validator = _validator(response)
                _require_whole(response)
            self._shown.total = self._into.tell() + response.length if response.length is not None else None
            self._refuse_too_large(self._shown.total or 0)
            self._copy(response)

    def _restart(self) -> None:
        self._into.seek(0)
        self._into.truncate()

    def _copy(self, response: http.client.HTTPResponse) -> None:
        while chunk := response.read(CHUNK_BYTES):
            self.writing = True
            self._into.write(chunk)
            self.writing = False
            self._refuse_too_large(self._into.tell())
            self._shown.at(self._into.tell())
        if response.length:  # the bytes that the server announced but did not send
            raise http.client.IncompleteRead(b"")

    def _refuse_too_large(self, size: int) -> None:
        if size > LARGEST_BYTES:
            raise SourceError(
                f"{self._url}: expected a file of at most {LARGEST_BYTES >> 30:,} GiB, found a larger one. Copy it to "
                "S3 in parts, and read them with `kind: s3_prefix`"
            )

    def explained(self, error: Exception) -> str:
        """Return why the download failed."""
        if isinstance(error, http.client.IncompleteRead):
            found = self._into.tell() + len(error.partial)
            return f"the download was cut off after {found:,} bytes. Try again"
        return web.reason(error)


def _validator(response: http.client.HTTPResponse) -> str | None:
    """Return what `If-Range` may have: a strong ETag, or the date of the last change (RFC 9110, 13.1.5)."""
    if response.getheader("Accept-Ranges", "").lower() == "none":
        return None
    tag = response.getheader("ETag", "")
    return tag if tag.startswith('"') else _old_change(response)


def _old_change(response: http.client.HTTPResponse) -> str | None:
    """Return the date of the last change if a later change must have another date (RFC 9110, 8.8.2.2)."""
    changed = response.getheader("Last-Modified")
    try:
        sent, at = (parsedate_to_datetime(text or "") for text in (response.getheader("Date"), changed))
        return changed if (sent - at).total_seconds() >= DATE_SECONDS else None
    except (ValueError, TypeError):
        return None


def _require_whole(response: http.client.HTTPResponse) -> None:
    """Raise ConnectionResetError, so that the file is requested again, if an answer has another part of it."""
    if response.status == http.client.PARTIAL_CONTENT:
        raise ConnectionResetError("the server sent another part of the file than the one that was asked for")


def _continues(response: http.client.HTTPResponse, begin: int) -> bool:
    """Whether an answer has the bytes from `begin` on."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.getheader("Content-Range", ""))
    return response.status == http.client.PARTIAL_CONTENT and found is not None and int(found[1]) == begin
