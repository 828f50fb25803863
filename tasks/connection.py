"""Explains a lost connection to AWS or to the offline cloud. `tasks.clients` installs the handlers in every client."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.model import OperationModel

from config.errors import StorageFull, Unavailable, Unreachable
from config.profile import active_profile
from sagemaker_local.failure_reasons import is_full_disk
from tasks.refusals import is_temporary

LOST = (ConnectionError, HTTPClientError, IncompleteReadError)
"""Connections that were refused, reset or closed, or timed out: no response arrived, or only a part of it."""
FIRST_PAUSE = 0.25
"""Seconds; each following pause is twice as long."""
UNSENT = (EndpointConnectionError, ConnectTimeoutError)
"""No connection was made, so no request was sent."""


def explain_lost_answer(exception: Exception, **_: Any) -> None:
    """Handle botocore's event `after-call-error`: raise Unreachable when no response arrived."""
    if isinstance(exception, LOST):
        raise unreachable(exception) from exception


def explain_cut_answer(http_response: Any, model: OperationModel, **_: Any) -> None:
    """Handle botocore's event `after-call`: raise Unreachable when an answer ends before its length.

    botocore reads such an answer as one without members.
    """
    length = http_response.headers.get("Content-Length")
    if length is None or model.has_streaming_output or model.http.get("method") == "HEAD":
        return
    if "Content-Encoding" not in http_response.headers and len(http_response.content) < int(length):
        cut = IncompleteReadError(actual_bytes=len(http_response.content), expected_bytes=length)
        raise unreachable(cut, f"answer to {model.name}") from cut


def resend_unsent(attempts: int, caught_exception: BaseException | None, **_: Any) -> float | None:
    """Handle botocore's event `needs-retry` of the runtime: return the seconds before the next attempt, or None.

    Only a request that was not sent is sent again. After a time-out the model may still work on the body.
    """
    if isinstance(caught_exception, UNSENT) and attempts < active_profile().max_attempts:
        return float(FIRST_PAUSE * 2**attempts)
    return None


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later: a lost connection, throttling or an internal error of the service."""
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        return is_temporary(code, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return isinstance(error, (Unreachable, Unavailable, *LOST))


def may_recover(error: BaseException) -> bool:
    """Whether a waiting caller should try again: a transient error, unless the offline cloud has stopped.

    A cloud that has stopped refuses connections, and its jobs have ended with it.
    """
    refused = isinstance(error, EndpointConnectionError) or isinstance(error.__cause__, EndpointConnectionError)
    return is_transient(error) and not (refused and active_profile().offline)


def explain_full_disk(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    """Handle botocore's event `after-call`: raise StorageFull when the disk of the offline cloud is full."""
    message = str(parsed.get("Error", {}).get("Message", ""))
    if http_response.status_code >= 500 and (full := full_disk(message)):
        raise full


def unreachable(error: Exception, where: str = "") -> Unreachable:
    """Return the error to raise, with a remedy. `where` is the address of an object, unless the error has it."""
    if active_profile().offline:
        remedy = (
            "The offline cloud has stopped or does not answer (vishwaops status shows why). Start it again, then run "
            'the command again: vishwaops down; vishwaops up && eval "$(vishwaops env)"'
        )
    else:
        remedy = "Check the network and AWS's status page, then run the command again"
    return Unreachable(f"{where}{': ' if where else ''}{str(error).rstrip('.')}. {remedy}")


def full_disk(message: str) -> StorageFull | None:
    """Return the error to raise when a message of a library or the offline cloud reports a full disk, else None."""
    if not is_full_disk(message):
        return None
    return StorageFull(f"The disk is full: {message.splitlines()[0][:200].rstrip('.')}. Free some space and run again")


@contextmanager
def explained() -> Iterator[None]:
    """Replace any library's error of a lost connection or a full disk by Unreachable or StorageFull."""
    try:
        yield
    except LOST as error:  # while a body was read: botocore has no event for that
        raise unreachable(error) from error
    except StorageFull:
        raise
    except Exception as error:
        if full := full_disk(str(error)):
            raise full from error
        raise
