"""Explains a lost connection to AWS or to the offline cloud; `tasks.clients` installs this in every client."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from config.errors import StorageFull, Unreachable
from config.profile import active_profile
from sagemaker_local.failure_reasons import is_full_disk

LOST = (ConnectionError, HTTPClientError)
"""Refused, reset, closed, timed out: no answer has come."""
THROTTLED = ("requestlimitexceeded", "slowdown", "throttl", "throughputexceeded", "toomanyrequests")
"""Parts of AWS's error codes for too many calls, in lower case."""


def explain_lost_answer(exception: Exception, **_: Any) -> None:
    """botocore's event `after-call-error`: raise Unreachable where no answer has come."""
    if isinstance(exception, LOST):
        raise unreachable(exception) from exception


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later: a lost connection, throttling, a fault of the service's own."""
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "").lower()
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or any(part in code for part in THROTTLED)
    return isinstance(error, (Unreachable, *LOST))


def explain_full_disk(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    """botocore's event `after-call`: raise StorageFull where the offline cloud can't write."""
    message = str(parsed.get("Error", {}).get("Message", ""))
    if http_response.status_code >= 500 and (full := full_disk(message)):
        raise full


def unreachable(error: Exception) -> Unreachable:
    """The error to raise, with what to do."""
    if active_profile().offline:
        remedy = (
            "The offline cloud has stopped, or does not answer (vishwaops status says why). Start it again, then run "
            'the command again: vishwaops down; vishwaops up && eval "$(vishwaops env)"'
        )
    else:
        remedy = "Look at the network and at AWS's status page, then run again"
    return Unreachable(f"{str(error).rstrip('.')}. {remedy}")


def full_disk(message: str) -> StorageFull | None:
    """The error to raise where a library's or the offline cloud's message reports a full disk; else None."""
    if not is_full_disk(message):
        return None
    return StorageFull(f"No room on the disk: {message.splitlines()[0][:200].rstrip('.')}. Make room and run again")


@contextmanager
def explained() -> Iterator[None]:
    """Raise Unreachable or StorageFull in place of a library's own error of that kind, wherever it comes from."""
    try:
        yield
    except LOST as error:  # while a body was read: no event tells of that
        raise unreachable(error) from error
    except StorageFull:
        raise
    except Exception as error:
        if full := full_disk(str(error)):
            raise full from error
        raise
