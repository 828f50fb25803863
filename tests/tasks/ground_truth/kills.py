"""Ends an action at one of its calls of S3, as a killed process does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from tasks import clients

State = TypeVar("State")
WRITES = ("PutObject", "DeleteObjects")


class Killed(BaseException):
    """What a killed process never sees: nothing handles it."""


@contextmanager
def killed_at(call: int, when: str) -> Iterator[None]:
    """End at the call of this number that writes, before (`before-call`) or after (`after-call`) it has its effect."""
    seen: list[str] = []

    def end(model: Any, **_: Any) -> None:
        if model.name in WRITES:
            seen.append(model.name)
            if len(seen) == call:
                raise Killed

    events = clients.s3().meta.events
    events.register(f"{when}.s3", end, unique_id="killed_at")
    try:
        yield
    finally:
        events.unregister(f"{when}.s3", unique_id="killed_at")


def each_kill(fresh: Callable[[], State], action: Callable[[State], Any]) -> Iterator[State]:
    """End an action at each of its writes in turn, before and after it has its effect, each time on a fresh state.

    Yields the state after each kill.
    """
    for when in ("before-call", "after-call"):
        for call in count(1):
            state = fresh()
            try:
                with killed_at(call, when):
                    action(state)
            except Killed:
                yield state
            else:
                break
