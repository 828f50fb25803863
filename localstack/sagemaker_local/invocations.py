"""One request to an endpoint's model: chooses the containers, measures, captures and copies to shadows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from sagemaker_local import data_capture
from sagemaker_local.container_http import ContainerResponse
from sagemaker_local.container_stream import ContainerStream
from sagemaker_local.errors import JobFailure, ModelError, RuntimeValidationError
from sagemaker_local.invocation_call import DEFAULT_TYPE, Answered, Call, Measurement, admitted
from sagemaker_local.invocation_failures import container_name, failures, model_error
from sagemaker_local.plain_invocation import PlainInvocation

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.containers import ServingContainer
    from sagemaker_local.executors.fleets import Fleet, VariantFleet


def begin(engine: Engine, fleet: Fleet, call: Call, done: Callable[[Answered | Exception], None]) -> None:
    """As `answer`, but calls `done` once with its result or its error, later. Without a task for a plain fleet.

    Raises:
        RuntimeValidationError, ThrottlingException: as `answer`.
    """
    if fleet.is_plain and call.is_plain:
        PlainInvocation(engine, fleet, call, done)
        return

    def end(task: asyncio.Task[Answered]) -> None:
        _in_progress.discard(task)
        done(task.exception() or task.result())  # type: ignore[arg-type]

    task = asyncio.ensure_future(answer(engine, fleet, call))
    _in_progress.add(task)
    task.add_done_callback(end)


async def answer(engine: Engine, fleet: Fleet, call: Call) -> Answered:
    """A fleet's answer to a request. The request is measured, captured and copied to shadows as configured.

    Raises:
        RuntimeValidationError: the request's target does not exist, or the request is too large for it.
        ThrottlingException: a serverless variant has as many requests in progress as it takes.
        ModelError: a container answered without a 2xx status, or not at all.
    """
    variant = fleet.pick(call.members.get("TargetVariant"))
    if fleet.shadows:
        _copy_to_shadows(engine, fleet, call)
    return Answered(variant.name, await _ask(engine, fleet, variant, call))


async def answer_in_pieces(engine: Engine, fleet: Fleet, call: Call) -> Answered:
    """As `answer`, but returns when the answer begins. Measured at its end, neither captured nor copied."""
    variant = fleet.pick(call.members.get("TargetVariant"))
    instance, measured = admitted(variant, call)
    try:
        chain = await instance.route(None, call.members.get("TargetContainerHostname"))
        body, headers = call.body, call.headers
        for container in chain[:-1]:
            response = await _post(engine, call, container, chain, body, headers, measured)
            body, headers = response.body, _for_the_next(headers, response)
        with measured.model(), failures(engine, call, container_name(chain[-1], chain)):
            async with asyncio.timeout(call.timeout):
                stream = await chain[-1].client.stream("/invocations", headers, body)
                measured.status = stream.status
                if not 200 <= stream.status < 300:
                    message = b"".join([piece async for piece in stream.pieces]).decode(errors="replace")
                    raise model_error(engine, call, container_name(chain[-1], chain), stream.status, message)
    except BaseException:
        instance.requests -= 1
        engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, variant))
        raise

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in stream.pieces:
                yield piece
        finally:
            instance.requests -= 1
            engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, variant))

    return Answered(variant.name, ContainerStream(stream.status, stream.headers, pieces()))


def require_fleet(engine: Engine, endpoint: str) -> Fleet:
    """The fleet of an endpoint's next request. Call once per request: traffic may be split over two fleets.

    Raises:
        RuntimeValidationError: the endpoint has no fleet.
    """
    fleet = engine.executors.endpoints.fleet(endpoint)
    if fleet is None:
        raise RuntimeValidationError(f"Endpoint {endpoint} of account {engine.account.number} not found.")
    return fleet


async def _ask(engine: Engine, fleet: Fleet, variant: VariantFleet, call: Call) -> ContainerResponse:
    instance, measured = admitted(variant, call)
    try:
        chain = await instance.route(call.members.get("TargetModel"), call.members.get("TargetContainerHostname"))
        body, headers = call.body, call.headers
        for container in chain:
            passed_on = headers if container is chain[-1] else {**headers, "accept": "*/*"}
            response = await _post(engine, call, container, chain, body, passed_on, measured)
            body, headers = response.body, _for_the_next(headers, response)
    except JobFailure as failure:  # a model that a multi-model endpoint has just loaded
        raise model_error(engine, call, "primary", 500, str(failure)) from failure
    finally:
        instance.requests -= 1
        engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, variant))
    data_capture.capture(engine, fleet, variant.name, call, response)
    return response


async def _post(
    engine: Engine,
    call: Call,
    container: ServingContainer,
    chain: list[ServingContainer],
    body: bytes,
    headers: dict[str, str],
    measured: Measurement,
) -> ContainerResponse:
    container.requests += 1
    try:
        with measured.model(), failures(engine, call, container_name(container, chain)):
            response = await container.client.post("/invocations", headers, body, call.timeout)
    finally:
        container.requests -= 1
    measured.status = response.status
    if not 200 <= response.status < 300:
        message = response.body.decode(errors="replace")
        raise model_error(engine, call, container_name(container, chain), response.status, message)
    return response


def _for_the_next(headers: dict[str, str], response: ContainerResponse) -> dict[str, str]:
    return {**headers, "content-type": response.headers.get("content-type", DEFAULT_TYPE)}


def _copy_to_shadows(engine: Engine, fleet: Fleet, call: Call) -> None:
    for shadow in fleet.shadows_of_this_request():
        task = asyncio.create_task(_shadow(engine, fleet, shadow, call))
        _in_progress.add(task)
        task.add_done_callback(_in_progress.discard)


_in_progress: set[asyncio.Task[Any]] = set()


async def _shadow(engine: Engine, fleet: Fleet, shadow: VariantFleet, call: Call) -> None:
    try:
        await _ask(engine, fleet, shadow, call)
    except (ModelError, RuntimeValidationError):  # measured; a shadow's answer is discarded
        return
