"""The error messages when AWS or the offline cloud does not answer, or a disk is full."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

import offline_cloud
from config.errors import StorageFull, Unreachable
from config.profile import active_profile
from flows.session import runtime
from tasks import clients
from tasks.connection import explained, is_transient


def client(service: str, url: str) -> Any:
    """A client of the flows' session, which tries once."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=1, s3={"addressing_style": "path"})
    made: Any = clients.session().client(service, endpoint_url=url, config=config)  # type: ignore[call-overload]
    return made


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that gives every request the same answer, and closes the connection without any for status 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            if status:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


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
    with answering(0, b"") as url, pytest.raises(Unreachable, match="Connection was closed"):
        client("s3", url).put_object(Bucket="bucket", Key="key", Body=b"x")


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
    with answering(500, body) as url, pytest.raises(StorageFull, match=r"The disk is full: .*Free some space"):
        client("s3", url).put_object(Bucket="bucket", Key="key", Body=b"x")


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
