"""Decides whether a request to a web server is sent again, and when."""

import math
import random
import time
import urllib.error
from email.message import Message
from email.utils import parsedate_to_datetime

from config.errors import SourceError
from tasks import cancellation
from tasks.progress import log
from tasks.sources.web import BROKEN

ATTEMPTS = 5
"""The requests in a row without any progress."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds. Each pause is about twice as long as the one before."""
LONGEST_WAIT = 900.0
"""The most seconds that a server may ask for."""
TEMPORARY = (408, 425, 429, 500, 502, 503, 504)
"""HTTP's status codes of answers that may be others later (RFC 9110, RFC 6585, RFC 8470)."""
EPOCH_FROM = 1_000_000_000
"""A reset from this number on is a time, in seconds since 1970; a smaller one is the seconds to wait."""


class Retries:
    """The failures of a request in a row."""

    def __init__(self, what: str) -> None:
        """`what` is the request in messages, without secrets."""
        self._what, self._failures, self._begun = what, 0, False

    def succeeded(self) -> None:
        """Forget the failures: a part of the answer has arrived."""
        self._failures, self._begun = 0, True

    def wait(self, error: Exception) -> bool:
        """Wait before the next attempt. Returns False when there is none. Raises SourceError for too long a wait."""
        self._failures += 1
        restarting = self._begun and isinstance(_cause(error), ConnectionRefusedError)
        if self._failures >= ATTEMPTS or not (is_temporary(error) or restarting):
            return False
        asked = asked_wait(error.headers) if isinstance(error, urllib.error.HTTPError) else None
        pause(self._what, self._pause() if asked is None else asked)
        return True

    def _pause(self) -> float:
        longest = min(FIRST_PAUSE * 2.0 ** (self._failures - 1), LONGEST_PAUSE)
        return longest * random.uniform(0.75, 1.0)  # noqa: S311  spreads the attempts of several clients


def pause(what: str, seconds: float) -> None:
    """Wait as long as a server asks for. Raises SourceError when that is longer than LONGEST_WAIT."""
    if seconds > LONGEST_WAIT:
        raise SourceError(
            f"{what}: can't be read: the server's rate limit asks to wait for {seconds:,.0f} seconds, which is longer "
            f"than {LONGEST_WAIT:,.0f}. Run again later"
        )
    if seconds > 2:
        log.info("          %s: waiting %.0f seconds, as the server asks", what, seconds)
    cancellation.wait(seconds)


def is_temporary(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in TEMPORARY or is_rate_limit(error)
    cause = _cause(error)
    return isinstance(cause, BROKEN) and not isinstance(cause, ConnectionRefusedError)


def _cause(error: Exception) -> object:
    return getattr(error, "reason", error)


def is_rate_limit(error: urllib.error.HTTPError) -> bool:
    """Whether an answer is about a rate limit. Some servers, such as GitHub, answer 403 then."""
    return error.code == 429 or (error.code == 403 and error.headers.get("X-RateLimit-Remaining") == "0")


def asked_wait(headers: Message) -> float | None:
    """Return the seconds to wait that `Retry-After` or `X-RateLimit-Reset` asks for, or None."""
    if (after := headers.get("Retry-After")) is not None:
        return _seconds(after)
    reset = _seconds(headers.get("X-RateLimit-Reset") or headers.get("RateLimit-Reset") or "")
    if reset is None or reset < EPOCH_FROM:
        return reset
    return max(0.0, reset - now())


def _seconds(text: str) -> float | None:
    """Return seconds, given as a number or as the date until when to wait."""
    try:
        found = float(text)
        return max(0.0, found) if math.isfinite(found) else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now())
    except ValueError:
        return None


def now() -> float:
    """The seconds since 1970."""
    return time.time()
