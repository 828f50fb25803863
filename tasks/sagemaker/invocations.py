"""Sends requests to endpoints."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from config.errors import InvalidRows, JobFailed
from tasks import cancellation, clients
from tasks.progress import log

HELD_OUT = "held-out-"
"""How the InferenceId of a request with held-out rows begins: it is captured, but is no live traffic."""
LONGEST_WAIT_SECONDS = 180.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
BUSY: Mapping[str, str] = {
    "ThrottlingException": (
        "it gets more requests at the same time than it takes. Raise hosting.max_concurrency in the use case and "
        "deploy, or send fewer requests at once"
    ),
    "ModelNotReadyException": "its resources are still being provisioned. Try again later",
}
"""The errors of requests that no model has seen, so that it is safe to send them again: what is wrong, what to do."""


def invoke(
    name: str,
    body: bytes,
    content_type: str,
    accept: str,
    longest_wait: float = LONGEST_WAIT_SECONDS,
    inference_id: str | None = None,
) -> bytes:
    """Send one request to an endpoint and return the response's body.

    `inference_id` is the request's InferenceId in captured data. Ground truth names the prediction by it.
    A request that the endpoint has no capacity for is sent again for `longest_wait` seconds. Raises InvalidRows with
    the model's message when it refuses the request, JobFailed for any other failure of the endpoint, and the errors of
    `tasks.clients` for those of AWS.
    """
    left = pauses(longest_wait)
    while True:
        try:
            return _send(name, body, content_type, accept, inference_id)
        except ClientError as error:
            if (code := error.response["Error"]["Code"]) not in BUSY:
                raise _explained(name, error) from error
            if (pause := next(left, None)) is None:
                raise JobFailed(f"endpoint {name}: {code} for {longest_wait:g} s: {BUSY[code]}") from error
            log.info("          endpoint %s is busy (%s); sending the request again in %g s", name, code, pause)
            cancellation.wait(pause)


def pauses(seconds: float) -> Iterator[float]:
    """The pauses between the attempts: each is twice as long as the one before; together at most `seconds`."""
    pause = FIRST_PAUSE_SECONDS
    while seconds > 0:
        yield min(pause, seconds)
        seconds -= pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _send(name: str, body: bytes, content_type: str, accept: str, inference_id: str | None) -> bytes:
    named = {"InferenceId": inference_id} if inference_id else {}
    runtime: Any = clients.sagemaker_runtime()
    answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=accept, **named)
    return bytes(answer["Body"].read())


def _explained(name: str, error: ClientError) -> InvalidRows | JobFailed:
    model_said: dict[str, Any] = dict(error.response)
    if 400 <= model_said.get("OriginalStatusCode", 0) < 500:
        return InvalidRows(model_said["OriginalMessage"])
    found = error.response["Error"]
    return JobFailed(
        f"endpoint {name}: expected an answer, found {found['Code']}: {found['Message'].rstrip('.')}. Its log says why "
        f"(CloudWatch Logs, group /aws/sagemaker/Endpoints/{name})"
    )
