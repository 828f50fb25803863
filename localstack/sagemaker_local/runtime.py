"""The runtime API: InvokeEndpoint, InvokeEndpointWithResponseStream and InvokeEndpointAsync."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sagemaker_local import event_stream, service_model, strict_json
from sagemaker_local.container_http import ContainerResponse
from sagemaker_local.container_stream import ContainerStream
from sagemaker_local.errors import (
    AwsError,
    NotImplementedAction,
    RuntimeValidationError,
    UnknownPath,
    ValidationException,
)
from sagemaker_local.invocation_call import DEFAULT_TYPE, Answered, Call
from sagemaker_local.invocations import answer, answer_in_pieces, begin, require_fleet
from sagemaker_local.validation import check

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.fleets import Fleet
    from sagemaker_local.http_messages import Body

LARGEST_BODY, _LARGEST_ASYNC_BODY = 6_291_456, 128_000
_STREAM_TIMEOUT = 480.0  # seconds that a response stream may take, as on AWS
_ATTRIBUTES, _TYPE = "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Content-Type"
_ABSENT = ("EnableExplanations", "InferenceComponentName", "SessionId")


@dataclass(frozen=True, slots=True)
class Response:
    """The response; a body in pieces is sent as they arrive."""

    status: int
    headers: dict[str, str]
    body: bytes | AsyncIterator[bytes]


async def handle(engine: Engine, endpoint: str, operation: str, headers: dict[str, str], body: Body) -> Response:
    """Answers `POST /endpoints/{endpoint}/{operation}`.

    Raises:
        AwsError: the error that AWS would answer.
    """
    match operation:
        case "invocations":
            return await _invoke(engine, _call("InvokeEndpoint", endpoint, headers, body))
        case "invocations-response-stream":
            return await _stream(engine, _call("InvokeEndpointWithResponseStream", endpoint, headers, body))
        case "async-invocations":
            return _invoke_async(engine, _call("InvokeEndpointAsync", endpoint, headers, body))
    raise UnknownPath(
        f"POST /endpoints/{{EndpointName}}/{operation[:80]} is not an operation of the SageMaker runtime."
    )


def begin_invocation(
    engine: Engine,
    endpoint: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    done: Callable[[Response | Exception], None],
) -> None:
    """InvokeEndpoint without a coroutine: calls `done` once, later, with the response or an error.

    Args:
        engine: the engine.
        endpoint: the endpoint's name.
        headers: those of `INVOKE_HEADERS` that the request has, in lower case.
        body: at most `LARGEST_BODY` bytes.
        done: gets the response.

    Raises:
        AwsError: the request is refused.
    """
    call = Call(_invoke_members(endpoint, headers), body)

    def answered(outcome: Answered | Exception) -> None:
        done(_whole(outcome) if isinstance(outcome, Answered) else outcome)

    begin(engine, _synchronous_fleet(engine, call), call, answered)


def error_response(error: AwsError) -> Response:
    """An error, as the runtime API answers it."""
    headers = {"content-type": DEFAULT_TYPE, "x-amzn-ErrorType": error.code}
    body = strict_json.dumps({error.message_member: error.message or None, **error.extra})
    return Response(error.status, headers, body.encode())


async def _invoke(engine: Engine, call: Call) -> Response:
    return _whole(await answer(engine, _synchronous_fleet(engine, call), call))


def _whole(answered: Answered) -> Response:
    response = answered.response
    if not isinstance(response, ContainerResponse):
        raise TypeError("InvokeEndpoint got an answer in pieces")
    return Response(200, _passed_back(answered, "content-type"), response.body)


async def _stream(engine: Engine, call: Call) -> Response:
    answered = await answer_in_pieces(engine, _synchronous_fleet(engine, call), call)
    response = answered.response
    if not isinstance(response, ContainerStream):
        raise TypeError("InvokeEndpointWithResponseStream got a whole answer")
    headers = {"content-type": event_stream.CONTENT_TYPE, **_passed_back(answered, _TYPE)}
    return Response(200, headers, _events(response.pieces))


def _invoke_async(engine: Engine, call: Call) -> Response:
    config = require_fleet(engine, call.endpoint).spec["Async"]
    if config is None:
        raise RuntimeValidationError(
            f"Endpoint {call.endpoint} is not an asynchronous endpoint; use InvokeEndpoint, or create it from an "
            "endpoint configuration with AsyncInferenceConfig."
        )
    if ("InputLocation" in call.members) == bool(call.body):
        raise RuntimeValidationError("Exactly one of InputLocation and Body must be specified.")
    accepted = engine.executors.endpoints.asynchronous.submit(engine, call, config)
    headers = {"content-type": DEFAULT_TYPE, "X-Amzn-SageMaker-OutputLocation": accepted.output}
    if accepted.failure:
        headers["X-Amzn-SageMaker-FailureLocation"] = accepted.failure
    return Response(202, headers, strict_json.dumps({"InferenceId": accepted.inference_id}).encode())


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield event_stream.event("PayloadPart", piece)
    except (OSError, EOFError) as error:
        message = f"The container ended during its answer: {error}"
        yield event_stream.exception("ModelStreamError", Message=message, ErrorCode="ModelInvocationError")


def _synchronous_fleet(engine: Engine, call: Call) -> Fleet:
    fleet = require_fleet(engine, call.endpoint)
    if fleet.spec["Async"] is not None:
        raise RuntimeValidationError(
            f"Endpoint {call.endpoint} is an asynchronous endpoint; use InvokeEndpointAsync to invoke it."
        )
    return fleet


def _passed_back(answered: Answered, type_header: str) -> dict[str, str]:
    theirs = answered.response.headers
    headers = {
        type_header: theirs.get("content-type", DEFAULT_TYPE),
        "x-Amzn-Invoked-Production-Variant": answered.variant,
    }
    if _ATTRIBUTES.lower() in theirs:
        headers[_ATTRIBUTES] = theirs[_ATTRIBUTES.lower()]
    return headers


def _call(action: str, endpoint: str, headers: dict[str, str], body: Body) -> Call:
    """The checked members of the request's headers.

    Raises:
        RuntimeValidationError: a member breaks the service model, or the body is too large.
    """
    members = _members(action, endpoint, headers)
    largest = _LARGEST_ASYNC_BODY if action == "InvokeEndpointAsync" else LARGEST_BODY
    if body.size > largest:
        raise RuntimeValidationError(
            "1 validation error detected: Value at 'body' failed to satisfy constraint: "
            f"Member must have length less than or equal to {largest}"
        )
    _refuse_absent(action, members)
    return Call(members, body.content, **({"timeout": _STREAM_TIMEOUT} if "Stream" in action else {}))


@lru_cache(maxsize=1024)
def _invoke_members(endpoint: str, headers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The checked members of an InvokeEndpoint; not to be changed. Callers repeat the same headers."""
    members = _members("InvokeEndpoint", endpoint, dict(headers))
    _refuse_absent("InvokeEndpoint", members)
    return members


def _members(action: str, endpoint: str, headers: dict[str, str]) -> dict[str, Any]:
    members: dict[str, Any] = {"EndpointName": endpoint, "Body": ""}  # the model checks the body's content
    for name, (member, is_number) in _header_members(action).items():
        if value := headers.get(name):
            members[member] = int(value) if is_number and value.isascii() and value.isdigit() else value
    try:
        check(members, service_model.input_shape(action, service_model.RUNTIME))
    except ValidationException as refused:
        raise RuntimeValidationError(refused.message) from None
    return members


def _refuse_absent(action: str, members: dict[str, Any]) -> None:
    for absent in _ABSENT:
        if absent in members:
            raise NotImplementedAction(f"{action} with {absent} is not implemented by SageMaker local yet.")


@lru_cache
def _header_members(action: str) -> dict[str, tuple[str, bool]]:
    """For each header of the action: its member, and whether that is a number."""
    shape = service_model.input_shape(action, service_model.RUNTIME)
    return {
        member.serialization["name"].lower(): (name, member.type_name == "integer")
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header"
    }


INVOKE_HEADERS = frozenset(_header_members("InvokeEndpoint"))
"""The headers that are members of InvokeEndpoint's request, in lower case."""
