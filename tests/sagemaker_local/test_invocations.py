"""InvokeEndpoint: the request of the container, the answer, and refusals."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import Bench, until

LARGEST = 6_291_456
ECHO = """
import json
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    seen = {"type": type(body).__name__, "length": len(body), "content_type": content_type, "accept": accept}
    return json.dumps(seen), "application/json"
"""


@pytest.fixture(scope="module")
def endpoint(bench: Bench) -> Iterator[str]:
    name = bench.endpoint(bench.config(AllTraffic=(bench.model(slope=2.0), 1.0)))
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


@pytest.fixture(scope="module")
def echo(bench: Bench) -> Iterator[str]:
    name = bench.endpoint(bench.config(AllTraffic=(bench.model(script=ECHO), 1.0)))
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_bad_row_gets_the_scripts_own_4xx_and_the_endpoint_lives_on(bench: Bench, endpoint: str) -> None:
    with pytest.raises(bench.runtime.exceptions.ModelError) as refused:
        bench.invoke(endpoint, "1\nx")
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert answer["OriginalStatusCode"] == 422
    assert answer["OriginalMessage"].splitlines()[0].startswith("row must be a number: could not convert string")
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    assert answer["LogStreamArn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    message = answer["Error"]["Message"]
    assert message.startswith('Received client error (422) from primary with message "row must be a number')
    assert message.endswith(
        '". See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1'
        f"#logEventViewer:group={group} in account 000000000000 for more information."
    )
    assert bench.invoke(endpoint) == "2.0"


def _has_the_error(lines: list[str]) -> bool:
    return any("KeyError: 'no such column'" in line for line in lines)


def test_an_exception_of_the_script_is_a_500_and_the_endpoint_lives_on(bench: Bench, endpoint: str) -> None:
    with pytest.raises(bench.runtime.exceptions.ModelError) as refused:
        bench.invoke(endpoint, "raise")
    answer = refused.value.response
    assert answer["OriginalStatusCode"] == 500
    assert "<title>500 Internal Server Error</title>" in answer["OriginalMessage"]
    assert "no such column" not in answer["OriginalMessage"]
    logged = until(lambda: bench.printed(f"/aws/sagemaker/Endpoints/{endpoint}", "AllTraffic/"), _has_the_error)
    assert any("Exception on /invocations [POST]" in line for line in logged)
    assert bench.invoke(endpoint) == "2.0"


@pytest.mark.parametrize(
    ("content_type", "accept", "seen"),
    [
        ("text/csv", "text/csv", {"type": "str", "content_type": "text/csv", "accept": "text/csv"}),
        ("application/json", None, {"type": "str", "content_type": "application/json", "accept": "application/json"}),
        (
            "application/x-npy",
            "*/*",
            {"type": "bytes", "content_type": "application/x-npy", "accept": "application/json"},
        ),
    ],
)
def test_the_script_gets_content_type_and_accept_and_text_only_for_csv_and_json(
    bench: Bench, echo: str, content_type: str, accept: str | None, seen: dict[str, str]
) -> None:
    more: dict[str, Any] = {"Accept": accept} if accept else {}
    answer = bench.runtime.invoke_endpoint(EndpointName=echo, Body=b"abc", ContentType=content_type, **more)
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(answer["Body"].read()) == {**seen, "length": 3}


def test_a_body_of_6_mb_passes_and_one_byte_more_is_refused(bench: Bench, echo: str) -> None:
    answer = bench.runtime.invoke_endpoint(EndpointName=echo, Body=b"x" * LARGEST, ContentType="text/csv")
    assert f'"length": {LARGEST}' in answer["Body"].read().decode()
    with pytest.raises(ClientError) as refused:
        bench.runtime.invoke_endpoint(EndpointName=echo, Body=b"x" * (LARGEST + 1), ContentType="text/csv")
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].endswith(f"Member must have length less than or equal to {LARGEST}")


def test_an_unknown_endpoint_is_not_found(bench: Bench) -> None:
    with pytest.raises(ClientError) as refused:
        bench.invoke("nope")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", "Endpoint nope of account 000000000000 not found.")


USES_THE_DEFAULTS = """
import numpy, xgboost
def model_fn(model_dir):
    data = xgboost.DMatrix(numpy.array([[0.0], [1.0]]), label=[0.0, 8.0])
    return xgboost.train({"base_score": 0.0, "eta": 1.0, "lambda": 0.0, "nthread": 1}, data, 1)
"""


def test_the_xgboost_images_default_functions_read_csv_and_no_json(bench: Bench) -> None:
    name = bench.endpoint(bench.config(v=(bench.model(script=USES_THE_DEFAULTS), 1.0)))
    assert bench.invoke(name, "1.0\n0.0", Accept="application/json") == "[8.0, 0.0]"
    with pytest.raises(bench.runtime.exceptions.ModelError) as refused:
        bench.runtime.invoke_endpoint(EndpointName=name, Body="[1.0]", ContentType="application/json")
    assert refused.value.response["OriginalStatusCode"] == 500
    bench.sagemaker.delete_endpoint(EndpointName=name)


SHOWS_ITS_THREADS = """
import os
def model_fn(model_dir):
    return os.environ["OMP_NUM_THREADS"]
def transform_fn(model, body, content_type, accept):
    return model, "text/plain"
"""


@pytest.mark.parametrize(("environment", "threads"), [({}, "1"), ({"OMP_NUM_THREADS": "2"}, "2")])
def test_a_model_server_has_one_thread_per_worker(bench: Bench, environment: dict[str, str], threads: str) -> None:
    asked = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code", **environment}
    name = bench.endpoint(bench.config(v=(bench.model(script=SHOWS_ITS_THREADS, Environment=asked), 1.0)))
    assert bench.invoke(name) == threads
    bench.sagemaker.delete_endpoint(EndpointName=name)
