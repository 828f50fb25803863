"""Writes many records to a feature group in parallel. What AWS throttles is sent again."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from secrets import SystemRandom
from typing import Any

from config.errors import InvalidRows, Unavailable
from tasks import cancellation

BATCH = 25
"""Records of a request (BatchWriteRecord, Amazon SageMaker Feature Store Runtime API reference)."""
PARALLEL = 8
ATTEMPTS = 8
LONGEST_PAUSE = 20.0
"""Seconds."""
TRANSIENT = ("Throttling", "TooManyRequests", "ServiceUnavailable", "InternalFailure", "LimitExceeded")

Record = list[dict[str, str]]
Send = Callable[..., dict[str, Any]]
"""BatchWriteRecord."""


def write_all(group: str, records: Sequence[Record], send: Send, wait: Callable[[float], None] | None = None) -> None:
    """Write records, in any order. Those with equal identifiers may be written in parallel: their event time decides.

    Raises InvalidRows when SageMaker refuses a record, and Unavailable when it throttles for too long. Some records may
    be written then: writing them again has no effect on the online store.
    """
    batches = [records[begin : begin + BATCH] for begin in range(0, len(records), BATCH)]
    pause = wait or cancellation.wait
    with ThreadPoolExecutor(PARALLEL, "feature-store") as pool:
        done = [pool.submit(copy_context().run, _write, group, batch, send, pause) for batch in batches]
        try:
            for each in done:
                each.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _write(group: str, records: Sequence[Record], send: Send, wait: Callable[[float], None]) -> None:
    left = [{"FeatureGroupName": group, "Record": record} for record in records]
    for pause in _pauses():
        answer = send(Entries=left)
        failed = answer.get("Errors", [])
        if refused := [each for each in failed if not _transient(each["ErrorCode"])]:
            raise InvalidRows(
                f"feature group {group}: expected SageMaker to take every record, found {len(refused)} refused in a "
                f"request: {refused[0]['ErrorCode']}: {refused[0]['ErrorMessage']}"
            )
        left = [*answer.get("UnprocessedEntries", []), *(each["Entry"] for each in failed)]
        if not left:
            return
        wait(pause)
    raise Unavailable(
        f"feature group {group}: expected SageMaker to take every record, found {len(left)} throttled after {ATTEMPTS} "
        "attempts. Run again: what was written is not written again"
    )


def _pauses() -> Iterator[float]:
    """Yield growing pauses with full jitter (AWS Architecture Blog, "Exponential Backoff and Jitter")."""
    for attempt in range(ATTEMPTS):
        yield SystemRandom().uniform(0, min(LONGEST_PAUSE, 0.1 * 2**attempt))


def _transient(code: str) -> bool:
    return any(word in code for word in TRANSIENT)
