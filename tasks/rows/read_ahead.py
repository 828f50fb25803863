"""Runs an iterator in another thread, so that reading and converting happen at the same time."""

from collections.abc import Generator, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
AHEAD = 2


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


def read_ahead(items: Iterator[Item], ahead: int = AHEAD) -> Generator[Item, None, None]:
    """Yield the items of an iterator, which runs in its own thread, at most `ahead` items before. Raises its errors.

    The iterator is closed in its thread when it ends or when this one is closed.
    """
    found: Queue[Item | _End] = Queue(ahead)
    closed = Event()
    thread = Thread(target=copy_context().run, args=(_produce, items, found, closed), daemon=True, name="read")
    thread.start()
    item: Item | _End | None = None
    try:
        while not isinstance(item := found.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        closed.set()
        while not isinstance(item, _End):
            item = found.get()
        thread.join()


def _produce(items: Iterator[Item], found: "Queue[Item | _End]", closed: Event) -> None:
    error: BaseException | None = None
    try:
        for item in items:
            found.put(item)
            if closed.is_set():
                break
        if hasattr(items, "close"):
            items.close()
    except BaseException as raised:  # noqa: BLE001  it is raised in the other thread
        error = raised
    found.put(_End(error))
