"""The ASGI application: all APIs on one port, their protocols, and errors as AWS writes them."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, unquote

from sagemaker_local import (
    feature_store_runtime,
    moto_services,
    prometheus_text,
    runtime,
    strict_json,
    tracking_proxy,
)
from sagemaker_local.engine import Engine
from sagemaker_local.errors import (
    AwsError,
    InternalFailure,
    MissingAuthenticationToken,
    RequestTooLarge,
    SerializationException,
    UnknownOperation,
    UnknownPath,
)
from sagemaker_local.failure_reasons import is_full_disk
from sagemaker_local.http_messages import (
    Body,
    ClientGone,
    Headers,
    Receive,
    Send,
    read_body,
    send_in_pieces,
    send_whole,
)
from sagemaker_local.prometheus_metrics import PrometheusMetrics

HEALTH = "/_sagemaker_local/health"
METRICS = "/metrics"
SIGNATURE = "AWS4-HMAC-SHA256"
"""How the Authorization header of a signed request begins (AWS Signature Version 4)."""
_JSON = "application/x-amz-json-1.1"
_TARGET = "SageMaker."
# Bytes of a control-plane request: several times a pipeline definition, the largest. Parsing JSON blocks every thread.
_LARGEST_REQUEST = 4 << 20
_ENDPOINTS = "/endpoints/"
_CALLS_AT_ONCE = 8

T = TypeVar("T")
Answer = tuple[int, Headers, bytes]
Handler = Callable[[dict[str, Any], Headers, Body, Send], Awaitable[None]]


@dataclass(frozen=True)
class Route:
    """What answers a request, and how that API encodes an error."""

    handler: Handler
    refusal: Callable[[AwsError], Answer]
    signed: bool = True
    """Whether the request must have a signature."""


class Server:
    """Control plane (`POST /`), runtime APIs, tracking servers, the services of moto, and health."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._metrics = PrometheusMetrics(engine)
        self._moto = moto_services.MotoServices(engine.account.number)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="call")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        route = self._route(scope["path"], scope["method"], headers)
        try:
            body = await read_body(receive)
            if route.signed:
                _check_signed(headers)
            await route.handler(scope, headers, body, send)
        except ClientGone:
            return
        except AwsError as error:
            await send_whole(send, *route.refusal(error))
        except Exception as error:  # noqa: BLE001
            await send_whole(send, *route.refusal(internal_failure(error)))

    def _route(self, path: str, method: str, headers: Headers) -> Route:
        if tracking_proxy.ARN in headers:
            return Route(self._tracking, tracking_proxy.refusal)
        if path == HEALTH:
            return Route(self._health, _control_refusal, signed=False)
        if path == METRICS and method == "GET":
            return Route(self._scrape, _control_refusal, signed=False)
        if path.startswith(_ENDPOINTS):
            return Route(self._runtime, _runtime_refusal)
        if path == "/" and method == "POST":
            return Route(self._control, _control_refusal)
        if path == moto_services.PREFIX or path.startswith(f"{moto_services.PREFIX}/"):
            return Route(self._other_services, _control_refusal)
        if path.startswith(feature_store_runtime.PATHS):
            return Route(self._features, _runtime_refusal)
        return Route(_unknown_path, _control_refusal, signed=False)

    async def _control(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        await send_whole(send, 200, {"content-type": _JSON}, await self._in_thread(self._called, headers, body))

    def _called(self, headers: Headers, body: Body) -> bytes:
        action, request = _parsed(headers, body.require())
        return strict_json.dumps(self.engine.call(action, request)).encode()

    async def _runtime(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        name, operation = _endpoint_path(scope)
        response = await runtime.handle(self.engine, name, operation, headers, body)
        if isinstance(response.body, bytes):
            await send_whole(send, response.status, response.headers, response.body)
        else:
            await send_in_pieces(send, response.status, response.headers, response.body)

    async def _features(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        line = scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        answer = await self._in_thread(feature_store_runtime.answer, self.engine, *line, body.require())
        await send_whole(send, 200, {"content-type": "application/json"}, answer)

    async def _tracking(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        answer = asyncio.to_thread(  # its own threads: an upload may take long
            tracking_proxy.forward, self.engine, scope["method"], target, headers, body.require()
        )
        await send_whole(send, *await answer)

    async def _other_services(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        path, query = scope["path"].removeprefix(moto_services.PREFIX), scope["query_string"].decode("latin-1")
        _refuse_action_by_get(scope["method"], query)
        answer = self._in_thread(self._moto.answer, scope["method"], path, query, headers, body.require())
        await send_whole(send, *await answer)

    async def _health(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        account, sandbox = self.engine.account, self.engine.executors.tools.sandbox
        health = {
            "status": "running",
            "isolation": sandbox.isolation.name,
            "isolation_meaning": sandbox.meaning,
            "containers": "docker" if self.engine.executors.tools.docker else "environments",
            "account": account.number,
            "region": account.region,
        }
        await send_whole(send, 200, {"content-type": "application/json"}, json.dumps(health).encode())

    async def _scrape(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        text = await self._in_thread(self._metrics.text)
        await send_whole(send, 200, {"content-type": prometheus_text.CONTENT_TYPE}, text)

    def _in_thread(self, function: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


async def _unknown_path(scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
    raise UnknownPath(f"{scope['method']} {scope['path'][:200]} is not a path of SageMaker local.")


def _check_signed(headers: Headers) -> None:
    if not headers.get("authorization", "").startswith(SIGNATURE):
        raise MissingAuthenticationToken("Missing Authentication Token")


def _endpoint_path(scope: dict[str, Any]) -> tuple[str, str]:
    """The endpoint's name and the operation of a POST to /endpoints/NAME/OPERATION. Raises UnknownPath for others."""
    parts = scope["raw_path"].decode("latin-1").split("/")
    if scope["method"] != "POST" or len(parts) != 4 or not all(parts[2:]):
        raise UnknownPath(f"{scope['method']} {scope['path'][:200]} is not an operation of the SageMaker runtime.")
    return unquote(parts[2]), unquote(parts[3])


def _refuse_action_by_get(method: str, query: str) -> None:
    """A link or an image must not have an effect: clients send the query protocol's actions by POST."""
    if method in ("GET", "HEAD") and "Action" in parse_qs(query, keep_blank_values=True):
        raise UnknownPath("An Action is sent by POST; it is refused in a query string.")


def _parsed(headers: Headers, body: bytes) -> tuple[str, dict[str, Any]]:
    target = headers.get("x-amz-target", "")
    if not target.startswith(_TARGET):
        raise UnknownOperation(f"X-Amz-Target must be {_TARGET}<Action>; it is {target!r}.")
    if len(body) > _LARGEST_REQUEST:
        raise RequestTooLarge(f"The request body has more than {_LARGEST_REQUEST:,} bytes.")
    try:
        request = strict_json.loads(body or b"{}")
        json.dumps(request, ensure_ascii=False).encode()  # half a surrogate pair can't be stored
    except ValueError as error:  # NotJson among them
        raise SerializationException(f"The request body is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise SerializationException("Unexpected token where a structure or a map was expected.")
    return target.removeprefix(_TARGET), request


def internal_failure(error: Exception) -> AwsError:
    """The answer to an exception that is not AWS's, which is printed."""
    if is_full_disk(str(error)):
        return InternalFailure(f"SageMaker local can't write its state: {error}.")
    with suppress(OSError):  # standard error itself may be on the full disk
        traceback.print_exception(error, file=sys.stderr)
    return InternalFailure("SageMaker local failed; its own output has the traceback.")


def _control_refusal(error: AwsError) -> Answer:
    return error.status, {"content-type": _JSON}, error.encoded


def _runtime_refusal(error: AwsError) -> Answer:
    response = runtime.error_response(error)
    return response.status, response.headers, cast(bytes, response.body)
