"""The events of alarms and jobs that EventBridge sends to the environment's SQS queue.

A message that is not deleted is received again after the queue's visibility timeout, and goes to the dead-letter queue
after some receipts.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from config import settings
from config.profile import active_profile
from tasks import clients
from tasks.platform import platform
from tasks.progress import log

WAIT_SECONDS = 10
"""How long a receipt waits for a message: SQS allows 20, and a call must end before its read time-out."""
AT_ONCE = 10
"""The most messages of a receipt: SQS's limit."""

Kind = Literal["drift", "quality", "other"]


@dataclass(frozen=True)
class Event:
    """One event, as EventBridge describes it."""

    id: str
    kind: Kind
    """`drift` and `quality` are alarms of a use case. Other events concern people, who get them by the alerts topic."""
    subject: str
    """The alarm, the job or the kind of event."""
    slug: str
    """The slug of the alarm's use case; empty for other events."""
    receipt: str
    """SQS's handle of the message."""


def receive() -> list[Event]:
    """Wait for events, at most WAIT_SECONDS. Logs a message that is not an event and leaves it in the queue."""
    found = clients.client("sqs").receive_message(
        QueueUrl=platform().events_queue, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=WAIT_SECONDS
    )
    return [event for message in found.get("Messages", []) if (event := _event(message))]


def delete(event: Event) -> None:
    """Remove a received event from the queue."""
    clients.client("sqs").delete_message(QueueUrl=platform().events_queue, ReceiptHandle=event.receipt)


def _event(message: dict[str, Any]) -> Event | None:
    try:
        body = json.loads(message["Body"])
        identifier, detail, title = str(body["id"]), dict(body["detail"]), str(body["detail-type"])
    except (ValueError, TypeError, KeyError):
        log.warning("event     message %s: expected an event of EventBridge, found another text", message["MessageId"])
        return None
    alarm = str(detail.get("alarmName", ""))
    slug, kind = _slug_and_kind(alarm)
    subject = alarm or next((str(value) for key, value in detail.items() if key.endswith("JobName")), title)
    return Event(identifier, kind, subject, slug, message["ReceiptHandle"])


def _slug_and_kind(alarm: str) -> tuple[str, Kind]:
    """Return the slug and the kind of an alarm such as `vishwaops-dev-student-grades-drift`."""
    prefix = f"{settings.NAME}-{active_profile().environment}-"
    slug, _, kind = alarm.removeprefix(prefix).rpartition("-")
    if not alarm.startswith(prefix) or kind not in ("drift", "quality"):
        return "", "other"
    return slug, "drift" if kind == "drift" else "quality"
