"""Notifications of a failed flow run: HTTP POST to webhooks, and a message to the environment's alerts topic.

They have names and identifiers. The text of the error is left out, because it may have a value of a row.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPMessage
from typing import IO

from pydantic import BaseModel, ConfigDict

from config import settings
from config.errors import VishwaOpsError
from config.notifications import Notifications, Webhook
from tasks import clients
from tasks.platform import platform
from tasks.progress import log

TIMEOUT = 5.0
"""Seconds that a webhook has for each part of its answer."""
LONGEST_SUBJECT = 99
"""SNS's limit is below 100 characters of ASCII."""


class FailedRun(BaseModel):
    """A flow run that has failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flow: str
    use_case: str | None
    environment: str
    state: str
    """`Failed`, `Crashed` or `TimedOut`."""
    error: str | None
    """The class of the error."""
    flow_run: str
    """Prefect's id of the flow run."""
    name: str
    """Prefect's name of the flow run."""
    url: str | None
    """The flow run in Prefect's user interface."""

    @property
    def text(self) -> str:
        of = f" of {self.use_case}" if self.use_case else ""
        why = f": {self.error}" if self.error else ""
        return f"{settings.NAME} {self.environment}: {self.flow}{of} has {self.state.lower()}{why}"


def send(notifications: Notifications, failed: FailedRun) -> None:
    """Send all notifications. One that can't be sent is logged, without the address, and stops no other."""
    for name, deliver in _deliveries(notifications, failed):
        try:
            deliver()
        except Exception as error:  # noqa: BLE001  the flow run's own end matters more
            log.warning("notify    %s was not sent: %s", name, _reason(error))


def _reason(error: Exception) -> str:
    """What went wrong, without the address: it may be the webhook's secret."""
    if isinstance(error, VishwaOpsError):
        return str(error)
    return f"{type(error).__name__} {getattr(error, 'code', '')}".strip()


def _deliveries(notifications: Notifications, failed: FailedRun) -> Iterator[tuple[str, Callable[[], None]]]:
    for number, webhook in enumerate(notifications.webhooks):
        yield f"notifications.webhooks.{number}", partial(_post, webhook, failed)
    if notifications.mail:
        yield "notifications.mail", partial(_publish, failed)


def body(webhook: Webhook, failed: FailedRun) -> bytes:
    """Return the JSON that a webhook gets."""
    link = f"\n{failed.url}" if failed.url else ""
    content = {"text": f"{failed.text}\n{failed.name} ({failed.flow_run}){link}"}
    if webhook.format == "json":
        content = {"event": f"{settings.NAME}.flow-run.failed", "text": failed.text, **failed.model_dump()}
    return json.dumps(content).encode()


def _post(webhook: Webhook, failed: FailedRun) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": settings.NAME}
    request = urllib.request.Request(webhook.address, body(webhook, failed), headers)  # noqa: S310  checked: https
    with urllib.request.build_opener(_NoRedirects()).open(request, timeout=TIMEOUT):
        log.info("notify    a webhook was told that %s has %s", failed.name, failed.state.lower())


def _publish(failed: FailedRun) -> None:
    details = failed.model_dump(exclude_none=True)
    message = "\n".join([failed.text, "", *(f"{name}: {value}" for name, value in details.items())])
    subject = failed.text.encode("ascii", "replace").decode()[:LONGEST_SUBJECT]
    clients.client("sns").publish(TopicArn=platform().alerts_topic, Subject=subject, Message=message)
    log.info("notify    the alerts topic was told that %s has %s", failed.name, failed.state.lower())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: the notification is for the server that is configured."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None
