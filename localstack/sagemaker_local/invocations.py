"""One request to an endpoint's model: chooses the containers, measures, captures and copies to shadows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local import data_capture, serverless
from sagemaker_local.container_client import ContainerResponse, ContainerStream, Outcome
from sagemaker_local.data_capture import Captured
from sagemaker_local.endpoint_metrics import Invocation
from sagemaker_local.errors import JobFailure, ModelError, RuntimeValidationError

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.containers import ServingContainer
    from sagemaker_local.executors.fleets import Fleet, VariantFleet
    from sagemaker_local.executors.instances import Instance

TIMEOUT = 60.0  # seconds in which a container must answer, as on AWS
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container {name}. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
# Members of the request, and the headers in which the container gets them.
_PASSED_ON = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
    "TargetModel": "X-Amzn-SageMaker-Target-Model",
}
_DEFAULT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request: the members from its headers, and the body."""

    members: dict[str, Any]
    body: bytes
    timeout: float = TIMEOUT

    @property
    def endpoint(self) -> str:
        return str(self.members["EndpointName"])

    @property
    def is_plain(self) -> bool:
        """Whether the request names no model and no container of several."""
        return "TargetModel" not in self.members and "TargetContainerHostname" not in self.members

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the container gets."""
        return {there: self.members[here] for here, there in _PASSED_ON.items() if here in self.members}


@dataclass(frozen=True, slots=True)
class Answered:
    """A variant's answer with a 2xx status."""

    variant: str
    response: ContainerResponse | ContainerStream


class _Measurement:
    """The duration and the outcome of one request, and how much of a serverless variant's concurrency is in use."""

    __slots__ = ("began", "in_model", "status", "utilization")

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.in_model = 0.0
        self.status = 0
        self.utilization: float | None = None

    @contextmanager
    def model(self) -> Iterator[None]:
        """A context whose duration counts as the model's latency."""
        entered = time.perf_counter()
        try:
            yield
        finally:
            self.in_model += time.perf_counter() - entered

    def taken(self, endpoint: str, variant: VariantFleet) -> Invocation:
        overhead = time.perf_counter() - self.began - self.in_model
        return Invocation(
            endpoint,
            variant.name,
            len(variant.instances),
            self.status,
            self.in_model * 1e6,
            overhead * 1e6,
            self.utilization,
        )


def begin(engine: Engine, fleet: Fleet, call: Call, done: Callable[[Answered | Exception], None]) -> None:
    """As `answer`, but calls `done` once with its result or its error, later. Without a task for a plain fleet.

    Raises:
        RuntimeValidationError, ThrottlingException: as `answer`.
    """
    if fleet.is_plain and call.is_plain:
        _PlainInvocation(engine, fleet, call, done)
        return

    def end(task: asyncio.Task[Answered]) -> None:
        _under_way.discard(task)
        done(task.exception() or task.result())  # type: ignore[arg-type]

    task = asyncio.ensure_future(answer(engine, fleet, call))
    _under_way.add(task)
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
    instance, measured = _admitted(variant, call)
    try:
        chain = await instance.route(None, call.members.get("TargetContainerHostname"))
        body, headers = call.body, call.headers
        for container in chain[:-1]:
            response = await _post(engine, call, container, chain, body, headers, measured)
            body, headers = response.body, _for_the_next(headers, response)
        with measured.model(), _failures(engine, call, _name(chain[-1], chain)):
            async with asyncio.timeout(call.timeout):
                stream = await chain[-1].client.stream("/invocations", headers, body)
                measured.status = stream.status
                if not 200 <= stream.status < 300:
                    message = b"".join([piece async for piece in stream.pieces]).decode(errors="replace")
                    raise _model_error(engine, call, _name(chain[-1], chain), stream.status, message)
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
    instance, measured = _admitted(variant, call)
    try:
        chain = await instance.route(call.members.get("TargetModel"), call.members.get("TargetContainerHostname"))
        body, headers = call.body, call.headers
        for container in chain:
            passed_on = headers if container is chain[-1] else {**headers, "accept": "*/*"}
            response = await _post(engine, call, container, chain, body, passed_on, measured)
            body, headers = response.body, _for_the_next(headers, response)
    except JobFailure as failure:  # a model that a multi-model endpoint has just loaded
        raise _model_error(engine, call, "primary", 500, str(failure)) from failure
    finally:
        instance.requests -= 1
        engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, variant))
    if data_capture.is_sampled(fleet.spec["DataCapture"]):
        _capture(engine, fleet, variant.name, call, response)
    return response


class _PlainInvocation:
    """A request to a model of one container: sent when it is made, without a coroutine."""

    __slots__ = ("_call", "_container", "_done", "_engine", "_fleet", "_instance", "_measured", "_sent", "_variant")

    def __init__(self, engine: Engine, fleet: Fleet, call: Call, done: Callable[[Answered | Exception], None]) -> None:
        self._engine, self._fleet, self._call, self._done = engine, fleet, call, done
        self._variant = fleet.pick(call.members.get("TargetVariant"))
        self._instance, self._measured = _admitted(self._variant, call)
        [self._container] = self._instance.containers
        self._container.requests += 1
        self._sent = time.perf_counter()
        self._container.client.send("/invocations", call.headers, call.body, call.timeout, self._answered)

    def _answered(self, outcome: Outcome) -> None:
        measured, call = self._measured, self._call
        measured.in_model = time.perf_counter() - self._sent
        self._container.requests -= 1
        self._instance.requests -= 1
        if isinstance(outcome, ContainerResponse):
            measured.status = outcome.status
        self._engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, self._variant))
        self._done(self._result(outcome))

    def _result(self, outcome: Outcome) -> Answered | Exception:
        engine, call = self._engine, self._call
        if not isinstance(outcome, ContainerResponse):
            return _no_answer(engine, call, _name(self._container, [self._container]), outcome)
        if not 200 <= outcome.status < 300:
            message = outcome.body.decode(errors="replace")
            return _model_error(engine, call, _name(self._container, [self._container]), outcome.status, message)
        if data_capture.is_sampled(self._fleet.spec["DataCapture"]):
            _capture(engine, self._fleet, self._variant.name, call, outcome)
        return Answered(self._variant.name, outcome)


def _admitted(variant: VariantFleet, call: Call) -> tuple[Instance, _Measurement]:
    """The instance that a request is sent to, which counts the request, and the request's measurement.

    Raises:
        ThrottlingException, RuntimeValidationError: beyond the limits of a serverless variant.
    """
    config = variant.variant.get("ServerlessConfig")
    serverless.admit(config, variant.requests, call.body)
    instance, measured = variant.pick(), _Measurement()
    instance.requests += 1
    if config:
        measured.utilization = variant.requests / config["MaxConcurrency"]
    return instance, measured


async def _post(
    engine: Engine,
    call: Call,
    container: ServingContainer,
    chain: list[ServingContainer],
    body: bytes,
    headers: dict[str, str],
    measured: _Measurement,
) -> ContainerResponse:
    container.requests += 1
    try:
        with measured.model(), _failures(engine, call, _name(container, chain)):
            response = await container.client.post("/invocations", headers, body, call.timeout)
    finally:
        container.requests -= 1
    measured.status = response.status
    if not 200 <= response.status < 300:
        message = response.body.decode(errors="replace")
        raise _model_error(engine, call, _name(container, chain), response.status, message)
    return response


@contextmanager
def _failures(engine: Engine, call: Call, name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:  # TimeoutError is an OSError
        raise _no_answer(engine, call, name, error) from error


def _no_answer(engine: Engine, call: Call, name: str, error: Exception) -> ModelError:
    if isinstance(error, TimeoutError):
        return _model_error(engine, call, name, 0, _TIMED_OUT.format(name=name))
    return _model_error(engine, call, name, 500, f"The container gave no whole answer: {error}")


def _for_the_next(headers: dict[str, str], response: ContainerResponse) -> dict[str, str]:
    return {**headers, "content-type": response.headers.get("content-type", _DEFAULT_TYPE)}


def _copy_to_shadows(engine: Engine, fleet: Fleet, call: Call) -> None:
    for shadow in fleet.shadows_of_this_request():
        task = asyncio.create_task(_shadow(engine, fleet, shadow, call))
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)


_under_way: set[asyncio.Task[Any]] = set()


async def _shadow(engine: Engine, fleet: Fleet, shadow: VariantFleet, call: Call) -> None:
    try:
        await _ask(engine, fleet, shadow, call)
    except (ModelError, RuntimeValidationError):  # measured; a shadow's answer is discarded
        return


def _capture(engine: Engine, fleet: Fleet, variant: str, call: Call, response: ContainerResponse) -> None:
    engine.executors.endpoints.captures.add(
        Captured(
            fleet.spec["DataCapture"],
            call.endpoint,
            variant,
            data_capture.now(),
            call.body,
            call.members.get("ContentType", _DEFAULT_TYPE),
            response.body,
            response.headers.get("content-type", _DEFAULT_TYPE),
            call.members.get("CustomAttributes"),
            call.members.get("InferenceId"),
        )
    )


def _name(container: ServingContainer, chain: list[ServingContainer]) -> str:
    """`primary` for the only container of a model, else its hostname, or AWS's `container-2` for the second."""
    hostname = container.variant["Container"].get("ContainerHostname")
    if hostname:
        return str(hostname)
    return "primary" if len(chain) == 1 else f"container-{chain.index(container) + 1}"


def _model_error(engine: Engine, call: Call, container: str, status: int, message: str) -> ModelError:
    side = "client" if 400 <= status < 500 else "server"
    region, account = engine.account.region, engine.account.number
    group = f"/aws/sagemaker/Endpoints/{call.endpoint}"
    where = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    return ModelError(
        f'Received {side} error ({status}) from {container} with message "{message}". '
        f"See {where} in account {account} for more information.",
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
    )
