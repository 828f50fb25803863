"""Requests that a model refuses, that fail, and that an endpoint has no capacity for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.errors import AccessDenied, InvalidRows, JobFailed, Unavailable, VishwaOpsError
from offline_cloud import Cloud
from tasks.sagemaker.invocations import LONGEST_PAUSE_SECONDS, invoke, pauses
from tests.aws_answers import answering, flows_use, refusal
from tests.endpoints import serving
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.endpoint_support import config_of
from tests.scripts.models import small_model

CSV = "text/csv"
SLOW = """
import time
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    time.sleep(float(body))
    return "done", "text/csv"
"""


@pytest.fixture(scope="module")
def one_at_a_time(cloud: Cloud, bucket: str) -> Iterator[str]:
    """A serverless endpoint that takes one request at a time, and answers after as many seconds as its body says."""
    bench = make_bench(cloud.environment)
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    name = bench.endpoint(
        config_of(bench, {"VariantName": "v", "ModelName": bench.model(script=SLOW), "ServerlessConfig": config})
    )
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_request_that_the_model_refuses_is_its_sender_s_error_and_any_other_the_endpoints(
    cloud: Cloud, bucket: str
) -> None:
    with serving(cloud, small_model()) as name:
        answer = invoke(name, b"age,hours,colour,origin\n15,39,red,yes\n", CSV, CSV)
        assert answer.startswith(b"yes")
        with pytest.raises(InvalidRows, match="age"):
            invoke(name, b"age,hours,colour,origin\n99,39,red,yes\n", CSV, CSV)
    with pytest.raises(
        JobFailed, match=f"endpoint {name}: expected an answer, found .*/aws/sagemaker/Endpoints/{name}"
    ):
        invoke(name, b"", CSV, CSV)


def test_throttled_requests_are_sent_again_until_all_are_answered(one_at_a_time: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: invoke(one_at_a_time, b"1.5", CSV, CSV), range(3)))
    assert answers == [b"done"] * 3


def test_a_request_that_stays_throttled_ends_with_what_to_do(one_at_a_time: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        requests = [threads.submit(invoke, one_at_a_time, b"2", CSV, CSV, 0.1) for _ in range(3)]
        errors = [error for request in requests if (error := request.exception())]
    assert errors
    for error in errors:
        assert isinstance(error, JobFailed)
        assert "ThrottlingException for 0.1 s" in str(error)
        assert "Raise hosting.max_concurrency" in str(error)


@pytest.mark.parametrize(
    "busy",
    [refusal("ThrottlingException", "Rate exceeded"), refusal("ModelNotReadyException", "not ready", 429)],
    ids=["throttled", "not ready"],
)
def test_a_request_that_no_model_has_seen_is_sent_again(bucket: str, busy: tuple[int, bytes]) -> None:
    with answering(busy, busy, (200, b"yes")) as aws, flows_use("SAGEMAKER_RUNTIME", aws.url):
        assert invoke("endpoint", b"1", CSV, CSV) == b"yes"
    assert aws.requests == [b"1"] * 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("InternalFailure", "down", 500), Unavailable),
        (refusal("ServiceUnavailable", "down", 503), Unavailable),
        (refusal("AccessDeniedException", "not authorized to perform: sagemaker:InvokeEndpoint", 403), AccessDenied),
        (refusal("ModelError", "the model failed", 424), JobFailed),
        (refusal("ValidationError", "Endpoint endpoint not found"), JobFailed),
    ],
)  # fmt: skip
def test_a_request_that_a_model_may_have_seen_is_sent_once(
    bucket: str, answer: tuple[int, bytes], expected: type[VishwaOpsError]
) -> None:
    with answering(answer) as aws, flows_use("SAGEMAKER_RUNTIME", aws.url), pytest.raises(expected):
        invoke("endpoint", b"1", CSV, CSV)
    assert aws.requests == [b"1"]


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 60.0, 180.0])
def test_the_pauses_double_and_end_in_time(seconds: float) -> None:
    found = list(pauses(seconds))
    assert sum(found) == pytest.approx(seconds)
    assert max(found, default=0.0) <= LONGEST_PAUSE_SECONDS
    assert found[:-1] == sorted(found[:-1])
