"""Requests to a REST API: with its token, within its rate limits, and again after a temporary failure."""

import http.client
import json
import urllib.error
from dataclasses import dataclass
from email.message import Message
from typing import Any

from config.errors import SourceError
from config.sources import RestSource
from config.variables import hide, without_secrets
from tasks.sources import web
from tasks.sources.retries import Retries, asked_wait, pause

LARGEST_PAGE = 1 << 28
"""The most bytes of an answer: 256 MiB."""
HIDDEN = "..."
TOKEN_FIELDS = ("token", "api_key", "access_token", "password")
"""The fields of a secret that is a JSON object which may have the token."""


@dataclass(frozen=True)
class Answer:
    """A page of JSON."""

    body: Any
    headers: Message


class Requests:
    """Requests to one API."""

    def __init__(self, source: RestSource) -> None:
        self._source, self._shown = source, without_secrets(source.location)
        self._token = self._read_token()

    def get(self, url: str, page: int) -> Answer:
        """Return an answer of success. Raises SourceError, without secrets, when there is none."""
        where, retries, signed_in = f"{self._shown}: page {page:,}", Retries(self._shown), False
        while True:
            try:
                answer = self._received(url, where)
            except SourceError as error:
                raise SourceError(self._hidden(str(error), url)) from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                if _is_unauthorized(error) and self._source.secret and not signed_in:
                    self._token, signed_in = self._read_token(again=True), True
                elif not retries.wait(error):
                    reason = self._hidden(f"{web.reason(error)}{_advice(error)}", url)
                    raise SourceError(f"{where}: can't be read: {reason}") from None
            else:
                if answer.headers.get("X-RateLimit-Remaining") == "0":
                    pause(self._shown, asked_wait(answer.headers) or 0.0)
                return answer

    def _received(self, url: str, where: str) -> Answer:
        with web.opened(url, {"Accept": "application/json"}, self._secrets()) as response:
            content = response.read(LARGEST_PAGE + 1)
            if len(content) > LARGEST_PAGE:
                raise SourceError(f"{where}: expected at most {LARGEST_PAGE >> 20} MiB, found more. Set `page_size`")
            if response.length:  # the bytes that the server announced but did not send
                raise http.client.IncompleteRead(content)
            return Answer(_parsed(content, response.headers.get_content_type(), where), response.headers)

    def _secrets(self) -> dict[str, str]:
        if self._token is None:
            return {}
        name = self._source.token_header
        return {name: f"Bearer {self._token}" if name.lower() == "authorization" else self._token}

    def _read_token(self, again: bool = False) -> str | None:
        if self._source.secret is None:
            found = self._source.environment_token()
        else:
            from tasks.sources.secrets import forget, secret_value  # AWS is needed for these only

            if again:
                forget(self._source.secret)
            found = secret_value(self._source.secret, TOKEN_FIELDS, "source.secret")
        if found is not None and not (found.isascii() and found.isprintable() and found.strip()):
            raise SourceError("source: expected a token of printable ASCII characters, found another text")
        return found

    def _hidden(self, message: str, url: str) -> str:
        hidden = hide(hide(message, url), self._source.address())
        return hidden.replace(self._token, HIDDEN) if self._token else hidden


def _is_unauthorized(error: Exception) -> bool:
    return isinstance(error, urllib.error.HTTPError) and error.code == http.client.UNAUTHORIZED


def _advice(error: Exception) -> str:
    if _is_unauthorized(error):
        return ". Correct the token: `token` or `secret` in the source"
    return ""


def _parsed(content: bytes, kind: str, where: str) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"{where}: expected JSON, found {kind} that is not JSON: {reason}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("an object has a key more than once")
    return found
