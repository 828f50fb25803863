"""Events in a queue of LocalStack start deployments of a real Prefect server, each once."""

import json
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun

import flows.events
from flows.events import receive_events
from tasks import clients, events
from tasks.events import Event
from tasks.platform import Platform
from tests.use_cases import small_use_case

pytestmark = pytest.mark.starts_first
SURVEY = {"kind": "synthetic_survey", "respondents": 60, "seed": 1}


@pytest.fixture
def slug(prefect: str) -> str:
    """A use case with a deployment of the flow `lifecycle`."""
    name = f"t-{uuid4().hex[:10]}"
    with get_client(sync_client=True) as client:
        client.create_deployment(client.create_flow_from_name("lifecycle"), name=name)
    return name


@pytest.fixture
def queue(bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment's queue."""
    url = clients.client("sqs").create_queue(QueueName=f"t-{uuid4().hex[:10]}")["QueueUrl"]
    monkeypatch.setattr(events, "platform", lambda: Platform("/vishwaops/offline", {"events/queue": url}))
    monkeypatch.setattr(events, "WAIT_SECONDS", 1)
    return str(url)


def runs(slug: str, flow: str = "lifecycle") -> list[FlowRun]:
    """The flow runs of a deployment."""
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(f"{flow}/{slug}")
        return [run for run in client.read_flow_runs() if run.deployment_id == deployment.id]


def alarm(slug: str, kind: str = "drift") -> dict[str, Any]:
    name = f"vishwaops-offline-{slug}-{kind}"
    detail = {"alarmName": name, "state": {"value": "ALARM"}}
    return {"id": str(uuid4()), "detail-type": "CloudWatch Alarm State Change", "detail": detail}


def send(queue: str, event: Any) -> None:
    clients.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def waiting(queue: str) -> int:
    """The messages in the queue: visible and received ones."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = clients.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=list(names))["Attributes"]
    return sum(int(found[name]) for name in names)


@pytest.mark.parametrize("kind", ["drift", "quality"])
def test_an_alarm_of_a_use_case_starts_its_lifecycle(queue: str, slug: str, kind: str) -> None:
    send(queue, alarm(slug, kind))
    receive_events(until_empty=True)
    assert len(runs(slug)) == 1
    assert waiting(queue) == 0


@pytest.fixture
def retrains(slug: str) -> str:
    """The use case also has a deployment of the flow `retrain`."""
    with get_client(sync_client=True) as client:
        client.create_deployment(client.create_flow_from_name("retrain"), name=f"{slug}-retrain")
    return slug


def test_an_alarm_starts_the_retraining_where_it_has_a_deployment(queue: str, retrains: str) -> None:
    sent = alarm(retrains, "quality")
    send(queue, sent)
    receive_events(until_empty=True)
    (run,) = runs(f"{retrains}-retrain", "retrain")
    reason = f"the alarm vishwaops-offline-{retrains}-quality went off"
    assert run.parameters == {"reason": reason, "event": sent["id"]}
    assert runs(retrains) == []
    assert waiting(queue) == 0


@pytest.mark.parametrize("on_drift", [False, True])
def test_a_drift_alarm_retrains_only_with_on_drift(
    queue: str, retrains: str, monkeypatch: pytest.MonkeyPatch, on_drift: bool
) -> None:
    case = small_use_case(source=SURVEY, retraining={"on_drift": on_drift})
    monkeypatch.setattr(flows.events, "_cases", lambda slug: [case])
    send(queue, alarm(retrains))
    receive_events(until_empty=True)
    assert len(runs(f"{retrains}-retrain", "retrain")) == on_drift
    assert (runs(retrains), waiting(queue)) == ([], 0)


def test_an_event_whose_receiver_was_killed_before_it_was_deleted_starts_no_second_run(
    queue: str, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(event: Event) -> None:
        clients.client("sqs").change_message_visibility(
            QueueUrl=queue, ReceiptHandle=event.receipt, VisibilityTimeout=0
        )  # the visibility timeout has passed
        raise KeyboardInterrupt

    send(queue, alarm(slug))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(events, "delete", killed)
        receive_events()
    assert (len(runs(slug)), waiting(queue)) == (1, 1)
    receive_events(until_empty=True)
    assert (len(runs(slug)), waiting(queue)) == (1, 0)


def test_two_events_of_one_use_case_are_two_runs(queue: str, slug: str) -> None:
    send(queue, alarm(slug))
    send(queue, alarm(slug))
    receive_events(until_empty=True)
    assert len(runs(slug)) == 2


def test_without_a_deployment_the_event_stays_and_the_next_one_is_handled(
    queue: str, slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    send(queue, alarm("nobody"))
    receive_events(until_empty=True)
    send(queue, alarm(slug))
    receive_events(until_empty=True)
    assert "expected the deployment lifecycle/nobody, found none" in caplog.text
    assert (len(runs(slug)), waiting(queue)) == (1, 1)


def test_an_alarm_of_a_use_case_whose_runs_need_a_file_starts_nothing_and_is_deleted(
    queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    send(queue, alarm("student-dropout"))
    receive_events(until_empty=True)
    assert "student-dropout-drift: starts nothing, because each run of this use case needs --source" in caplog.text
    assert waiting(queue) == 0


FAILED = {"TrainingJobName": "t-train-1", "TrainingJobStatus": "Failed"}


@pytest.mark.parametrize(
    "event",
    [
        {"id": "1", "detail-type": "SageMaker Training Job State Change", "detail": FAILED},
        {"id": "2", "detail-type": "CloudWatch Alarm State Change", "detail": {"alarmName": "another-team-x-drift"}},
    ],
)
def test_another_event_starts_nothing_and_is_deleted(
    queue: str, caplog: pytest.LogCaptureFixture, event: dict[str, Any]
) -> None:
    caplog.set_level("INFO")
    send(queue, event)
    receive_events(until_empty=True)
    assert ": starts nothing" in caplog.text
    assert waiting(queue) == 0


@pytest.mark.parametrize("text", ["no JSON", 5, [], {"id": "1"}, {"id": "1", "detail": "x", "detail-type": "y"}])
def test_a_message_that_is_no_event_is_named_and_stays_for_the_dead_letter_queue(
    queue: str, caplog: pytest.LogCaptureFixture, text: Any
) -> None:
    send(queue, text)
    receive_events(until_empty=True)
    assert "expected an event of EventBridge" in caplog.text
    assert waiting(queue) == 1
