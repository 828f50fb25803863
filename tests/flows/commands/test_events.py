"""`vishwaops events`, on an environment with a queue and without a Prefect server's address."""

from uuid import uuid4

import pytest

from flows.session.prefect_server import ADDRESS
from tasks import clients, events
from tasks.platform import Platform
from tests.flows.conftest import Command


def test_events_are_received_until_the_queue_is_empty(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = clients.client("sqs")
    url = sqs.create_queue(QueueName=f"t-{uuid4().hex[:10]}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"id": "1", "detail-type": "Something else", "detail": {}}')
    monkeypatch.setattr(events, "platform", lambda: Platform("/vishwaops/offline", {"events/queue": url}))
    monkeypatch.setattr(events, "WAIT_SECONDS", 1)
    status, output = command("events", "--until-empty")
    assert (status, "Something else: starts nothing" in output) == (0, True), output


def test_an_environment_without_the_queue_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "platform", lambda: Platform("/vishwaops/offline", {}))
    status, output = command("events", "--until-empty")
    assert (status, "/vishwaops/offline/events/queue: expected an SSM parameter" in output) == (1, True), output


def test_a_prefect_server_is_needed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS)
    status, output = command("events")
    assert (status, "expected the address of a Prefect server in PREFECT_API_URL" in output) == (1, True), output
