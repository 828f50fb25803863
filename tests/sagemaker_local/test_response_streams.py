"""InvokeEndpointWithResponseStream: pieces as the script yields them, in AWS's event stream encoding."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import BUCKET, Bench, unique

STREAMS = f"""
import os, time, urllib.error, urllib.request
def there(key):
    try:
        return urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/{BUCKET}/" + key).status == 200
    except urllib.error.HTTPError:
        return False
import flask
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    if body == "refuse":
        return flask.Response("not this", 422, mimetype="text/plain")
    def words():
        for word in body.split():
            yield word + " "
            while word.startswith("held") and not there(word):
                time.sleep(0.05)
            if word == "break":
                raise RuntimeError("in the middle")
    return words(), "text/plain"
"""


@pytest.fixture(scope="module")
def endpoint(bench: Bench) -> Iterator[str]:
    name = bench.endpoint(config_of(bench, variant(bench.model(script=STREAMS))))
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def stream(bench: Bench, endpoint: str, body: str) -> Any:
    return bench.runtime.invoke_endpoint_with_response_stream(
        EndpointName=endpoint, Body=body, ContentType="text/csv", Accept="text/plain"
    )


def test_each_piece_arrives_when_the_script_yields_it(bench: Bench, endpoint: str) -> None:
    held = unique("held")
    answer = stream(bench, endpoint, f"one {held} three")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/plain; charset=utf-8", "v")
    pieces = (event["PayloadPart"]["Bytes"] for event in answer["Body"])
    assert next(pieces) == b"one "
    assert next(pieces) == f"{held} ".encode()
    bench.put(held, "go on")  # the script yields the next piece only after this
    assert list(pieces) == [b"three "]


def test_the_plain_call_gets_the_whole_answer_at_once(bench: Bench, endpoint: str) -> None:
    assert bench.invoke(endpoint, "one two") == "one two "


def test_an_answer_that_breaks_off_is_a_model_stream_error(bench: Bench, endpoint: str) -> None:
    pieces = []
    with pytest.raises(EventStreamError, match=r"ModelStreamError.*during its answer"):
        for event in stream(bench, endpoint, "one break three")["Body"]:
            pieces.append(event["PayloadPart"]["Bytes"])
    assert pieces == [b"one ", b"break "]
    assert bench.invoke(endpoint, "on") == "on "


def test_a_refusal_before_the_first_piece_is_a_model_error(bench: Bench, endpoint: str) -> None:
    with pytest.raises(bench.runtime.exceptions.ModelError) as refused:
        stream(bench, endpoint, "refuse")
    assert refused.value.response["OriginalStatusCode"] == 422


def test_an_answer_in_one_piece_is_streamed_too(bench: Bench) -> None:
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0))))
    [event] = stream(bench, name, "5")["Body"]
    assert event["PayloadPart"]["Bytes"] == b"10.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match="Endpoint nope of account 000000000000 not found"):
        stream(bench, "nope", "1")
