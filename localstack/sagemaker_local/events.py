"""EventBridge events of status changes, sent to the offline bus in the order of the changes."""

from __future__ import annotations

import os
import queue
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagemaker_local import aws, service_model, strict_json
from sagemaker_local.best_effort import BestEffort

if TYPE_CHECKING:
    from sagemaker_local.resource_kind import ResourceKind
    from sagemaker_local.store import Record

_MOST_ENTRIES = 10
_LAST_WORDS = 2.0  # seconds to send the last events when the server ends
_BUS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EVENTBRIDGE")

# As in the examples of AWS's developer guide ("Automating Amazon SageMaker with Amazon EventBridge").
_ISO_TIMES = ("TransformJob", "ModelPackage", "ModelCard")
_WITHOUT_TAGS = ("ModelPackage", "ModelCard")

Entry = dict[str, Any]


class EventBus:
    """Sends events from its own thread. An unreachable bus is reported once and delays nothing."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._entries: queue.SimpleQueue[Callable[[], Entry] | None] = queue.SimpleQueue()
        self._there = any(name in os.environ for name in _BUS_VARIABLES)  # never to AWS's real bus
        self._best_effort = BestEffort()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        if self._there:
            self._thread.start()

    def publish(self, kind: ResourceKind, record: Record, tags: dict[str, str]) -> None:
        """Queues the event of a change that has just been made; returns at once."""
        if self._there and kind.event:
            shape = service_model.output_shape(kind.action("Describe"))
            described = service_model.project(record.body, shape) if shape else {}
            detail = described if kind.name in _WITHOUT_TAGS else {**described, "Tags": tags}
            self._entries.put(lambda: _entry(kind, record.arn, record.modified, detail, shape))

    def put(self, entry: Entry) -> None:
        """Queues an event of another form, an entry of PutEvents."""
        if self._there:
            self._entries.put(lambda: entry)

    def shutdown(self) -> None:
        """Sends the queued events, or gives up after some seconds."""
        self._entries.put(None)
        if self._thread.is_alive():
            self._thread.join(_LAST_WORDS)

    def _run(self) -> None:
        over = False
        while not over:
            waiting = [self._entries.get()]
            while len(waiting) < _MOST_ENTRIES and not self._entries.empty():
                waiting.append(self._entries.get())
            over = None in waiting
            self._send([make() for make in waiting if make])

    def _send(self, entries: list[Entry]) -> None:
        if entries:
            self._best_effort.send(
                lambda: aws.client("events", self._region).put_events(Entries=entries),
                "EventBridge can't be reached, events are lost",
            )


def _entry(kind: ResourceKind, arn: str, time: float, detail: dict[str, Any], shape: Shape | None) -> Entry:
    return {
        "Source": "aws.sagemaker",
        "DetailType": kind.event,
        "Detail": strict_json.dumps(_told(kind, detail, shape)),
        "Resources": [arn],
        "Time": time,
    }


def _told(kind: ResourceKind, detail: dict[str, Any], shape: Shape | None) -> dict[str, Any]:
    """A Describe response in the form of an event's detail."""
    time = _iso if kind.name in _ISO_TIMES else _milliseconds
    written: dict[str, Any] = _timed(detail, shape, time)
    if kind.name == "Endpoint":
        written[kind.status] = _upper(written[kind.status])
    return written


def _upper(status: str) -> str:
    """`IN_SERVICE`, the form of the events of endpoints only."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _timed(value: Any, shape: Shape | None, time: Callable[[float], Any]) -> Any:
    """The same with every timestamp written by `time`."""
    if isinstance(shape, StructureShape):
        return {name: _timed(item, shape.members.get(name), time) for name, item in value.items()}
    if isinstance(shape, ListShape):
        return [_timed(item, shape.member, time) for item in value]
    if isinstance(shape, MapShape):
        return {key: _timed(item, shape.value, time) for key, item in value.items()}
    if shape is not None and shape.type_name == "timestamp" and isinstance(value, int | float):
        return time(value)
    return value
