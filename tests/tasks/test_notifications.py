"""Notifications to a real HTTP server and to a topic of LocalStack."""

import json
from uuid import uuid4

import pytest

from config.notifications import Notifications, Webhook
from tasks import clients, notifications
from tasks.notifications import FailedRun, send
from tasks.platform import Platform
from tests.hook_server import hook_server

FAILED = FailedRun(
    flow="retrain", use_case="student_grades", environment="prod", state="Failed", error="JobFailed",
    flow_run="8f2c", name="retrain-student_grades", url="https://prefect.example/runs/flow-run/8f2c",
)  # fmt: skip
TEXT = "vishwaops prod: retrain of student_grades has failed: JobFailed"


def to(*urls: str, format: str = "json") -> Notifications:
    return Notifications.model_validate({"webhooks": [{"url": url, "format": format} for url in urls]})


def test_a_webhook_gets_every_fact_as_json() -> None:
    with hook_server() as server:
        send(to(server.url), FAILED)
    (found,) = server.bodies
    assert found == {"event": "vishwaops.flow-run.failed", "text": TEXT, **FAILED.model_dump()}


def test_slack_gets_a_text_with_the_link() -> None:
    with hook_server() as server:
        send(to(server.url, format="slack"), FAILED)
    link = "https://prefect.example/runs/flow-run/8f2c"
    assert server.bodies == [{"text": f"{TEXT}\nretrain-student_grades (8f2c)\n{link}"}]


def test_a_webhook_that_fails_stops_no_other_and_no_log_has_its_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with hook_server(status=500) as broken, hook_server() as server:
        send(to(broken.url, "http://127.0.0.1:1/secret-part", server.url), FAILED)
    assert len(server.bodies) == 1
    assert "notifications.webhooks.0 was not sent: HTTPError 500" in caplog.text
    assert "notifications.webhooks.1 was not sent: URLError" in caplog.text
    assert "secret-part" not in caplog.text


def test_a_redirect_is_not_followed(caplog: pytest.LogCaptureFixture) -> None:
    with hook_server() as other, hook_server(status=302, location=other.url) as server:
        send(to(server.url), FAILED)
    assert other.bodies == []
    assert "HTTPError 302" in caplog.text


def test_a_variable_of_an_address_is_expanded_when_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    configured = to("${HOOK_URL}")
    send(configured, FAILED)
    assert "needs the environment variable HOOK_URL" in caplog.text
    with hook_server() as server:
        monkeypatch.setenv("HOOK_URL", server.url)
        send(configured, FAILED)
    assert len(server.bodies) == 1
    assert "secret-part" not in repr(configured)


@pytest.mark.parametrize("url", ["ftp://secret-part/x", "http://example.org/secret-part", "file:///etc/passwd", ""])
def test_only_https_and_this_machine_are_webhooks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        Webhook(url=url)
    monkeypatch.setenv("HOOK_URL", url)
    send(to("${HOOK_URL}"), FAILED)
    assert "${HOOK_URL}: expected an address that begins with https://" in caplog.text
    assert "secret-part" not in caplog.text


def test_mail_goes_to_the_alerts_topic(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sns, sqs = clients.client("sns"), clients.client("sqs")
    name = f"t-{uuid4().hex[:10]}"
    topic, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    monkeypatch.setattr(notifications, "platform", lambda: Platform("/vishwaops/offline", {"alerts/topic": topic}))
    long = FAILED.model_copy(update={"use_case": "é" * 200})
    send(Notifications(mail=True), long)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    found = json.loads(message["Body"])
    assert found["Message"].startswith(long.text)
    assert "flow_run: 8f2c" in found["Message"]
    assert len(found["Subject"]) == 99
    assert found["Subject"].startswith("vishwaops prod: retrain of ???")
