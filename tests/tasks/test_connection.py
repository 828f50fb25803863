"""The error messages when AWS or the offline cloud does not answer, or a disk is full."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

import offline_cloud
from config.errors import StorageFull, Unavailable, Unreachable
from config.profile import active_profile
from flows.session import runtime
from offline_cloud import Cloud
from tasks import clients
from tasks.connection import explained, is_transient, may_recover, resend_unsent
from tests.aws_answers import answering, client, flows_use, refusal
from tests.faulty_cloud import at_calls, faulty_cloud


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A separate session, in an environment without settings of retries."""
    for name in ("AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"):
        monkeypatch.setenv(name, "restored at the end")
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    clients.session.cache_clear()
    clients._make.cache_clear()
    yield
    clients.session.cache_clear()
    clients._make.cache_clear()


def test_the_error_of_a_refused_connection_explains_how_to_start_the_cloud() -> None:
    with pytest.raises(Unreachable, match=r'127\.0\.0\.1:9/.*vishwaops up && eval "\$\(vishwaops env\)"'):
        client("s3", "http://127.0.0.1:9").list_buckets()


def test_a_connection_closed_without_a_response_is_reported() -> None:
    with answering((0, b"")) as fake, pytest.raises(Unreachable, match="Connection was closed"):
        client("s3", fake.url).put_object(Bucket="bucket", Key="key", Body=b"x")


def test_an_answer_that_is_cut_is_no_empty_answer(cloud: Cloud, bucket: str) -> None:
    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = at_calls("cut", ["GetParameter"])
        with pytest.raises(Unreachable, match=r"answer to GetParameter: .* read, but total bytes expected") as lost:
            clients.ssm().get_parameter(Name="/vishwaops/offline/bucket/data")
        assert is_transient(lost.value)
        found = clients.ssm().get_parameter(Name="/vishwaops/offline/bucket/data")
    assert found["Parameter"]["Value"] == bucket


def test_the_sagemaker_sdk_tries_no_longer_than_the_profile_says() -> None:
    from sagemaker.core.utils.utils import SageMakerClient

    made = SageMakerClient(session=clients.session(), region_name="us-east-1").sagemaker_client
    assert made.meta.config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert made.meta.config.read_timeout == active_profile().read_timeout_in_seconds


def test_a_call_has_the_profile_s_timeout_and_an_invocation_a_minute() -> None:
    assert active_profile().read_timeout_in_seconds < 60
    assert read_timeout(clients.s3()) == active_profile().read_timeout_in_seconds
    assert read_timeout(clients.sagemaker_runtime()) > 60


def read_timeout(made: Any) -> int:
    return int(made.meta.config.read_timeout)


def test_a_full_disk_of_the_cloud_is_named() -> None:
    body = b"<Error><Code>InternalError</Code><Message>[Errno 28] No space left on device</Message></Error>"
    with answering((500, body)) as fake, pytest.raises(StorageFull, match=r"The disk is full: .*Free some space"):
        client("s3", fake.url).put_object(Bucket="bucket", Key="key", Body=b"x")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(28, "No space left on device"), StorageFull),
        (StorageFull("The disk is full: x: No space left on device"), StorageFull),
        (sqlite3.OperationalError("database or disk is full"), StorageFull),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:9"), Unreachable),
        (ValueError("anything else"), ValueError),
    ],
)
def test_the_same_errors_of_any_library_are_explained(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as raised, explained():
        raise error
    assert str(raised.value).count("The disk is full") == (expected is StorageFull)


def test_a_cloud_that_has_stopped_does_not_hide_what_stopped_the_flow(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = offline_cloud.Cloud(tmp_path, {}, started=True)
    monkeypatch.setattr(runtime, "_clouds", [gone])
    with pytest.raises(Unreachable, match="the reason"), runtime.cloud_that_stays():
        raise Unreachable("the reason")


@pytest.mark.parametrize(
    ("code", "status", "transient"),
    [
        ("ThrottlingException", 400, True),
        ("RequestLimitExceeded", 400, True),
        ("SlowDown", 503, True),
        ("InternalFailure", 500, True),
        ("ResourceLimitExceeded", 400, False),
        ("ValidationException", 400, False),
    ],
)
def test_throttling_and_a_service_s_own_fault_may_pass_and_a_refusal_does_not(
    code: str, status: int, transient: bool
) -> None:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert is_transient(ClientError(answer, "CreateTrainingJob")) is transient


def test_a_lost_connection_may_pass_and_an_interrupt_does_not() -> None:
    lost = [Unreachable("no answer"), ReadTimeoutError(endpoint_url="http://127.0.0.1")]
    assert [is_transient(error) for error in [*lost, KeyboardInterrupt(), ValueError()]] == [True, True, False, False]


def test_throttling_may_pass_when_it_is_explained() -> None:
    assert is_transient(Unavailable("Rate exceeded"))


def test_a_wait_survives_a_lost_answer_and_not_the_end_of_the_offline_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, refused = ReadTimeoutError(endpoint_url="x"), EndpointConnectionError(endpoint_url="x", error="refused")
    assert (may_recover(closed), may_recover(refused), may_recover(ValueError())) == (True, False, False)
    explained_refusal = Unreachable("no answer")
    explained_refusal.__cause__ = refused
    assert not may_recover(explained_refusal)
    monkeypatch.setenv("VISHWAOPS_PROFILE", "aws")
    assert may_recover(explained_refusal)


def invoke(fake_url: str) -> Any:
    """Invoke an endpoint by the flows' own client of the runtime."""
    with flows_use("SAGEMAKER_RUNTIME", fake_url):
        return clients.sagemaker_runtime().invoke_endpoint(EndpointName="one", Body=b"1,2", ContentType="text/csv")


def test_a_body_that_a_model_may_have_read_is_sent_once() -> None:
    for answer in [(0, b""), refusal("InternalFailure", "no", 500), refusal("ServiceUnavailable", "no", 503)]:
        with answering(answer) as fake:
            with pytest.raises((Unreachable, Unavailable)):
                invoke(fake.url)
            assert fake.requests == [b"1,2"]


@pytest.mark.parametrize("code", ["ThrottlingException", "ModelNotReadyException"])
def test_an_endpoint_without_capacity_is_left_to_the_caller(code: str) -> None:
    with answering(refusal(code, "later", 429)) as fake, pytest.raises(ClientError, match=code):
        invoke(fake.url)
    assert fake.requests == [b"1,2"]


def test_a_request_that_could_not_be_sent_is_sent_again_and_then_reported() -> None:
    with pytest.raises(Unreachable, match="Could not connect"):
        invoke("http://127.0.0.1:9")
    refused = EndpointConnectionError(endpoint_url="x", error="refused")
    assert resend_unsent(attempts=1, caught_exception=refused) == 0.5
    assert resend_unsent(attempts=active_profile().max_attempts, caught_exception=refused) is None
    assert resend_unsent(attempts=1, caught_exception=ReadTimeoutError(endpoint_url="x")) is None
