"""The ASGI application: both APIs on one port, their protocols, and errors as AWS writes them."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote

from sagemaker_local import feature_store_runtime, moto_services, runtime, strict_json, tracking_proxy
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

HEALTH = "/_sagemaker_local/health"
_JSON = "application/x-amz-json-1.1"
_TARGET = "SageMaker."
# Of the control plane: several times the largest member, a pipeline definition. Parsing JSON holds every thread.
_LARGEST_REQUEST = 4 << 20
_ENDPOINTS = "/endpoints/"
_CALLS_AT_ONCE = 8


class Server:
    """Control plane (`POST /`), runtime (`POST /endpoints/{name}/…`) and health."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moto = moto_services.MotoServices(engine.account.number)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="call")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            await self._route(scope, headers, await read_body(receive), send)
        except ClientGone:
            return
        except AwsError as error:
            await send_whole(send, error.status, {"content-type": _JSON}, error.encoded)

    async def _route(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if tracking_proxy.ARN in headers:
            await self._tracking(scope, headers, body, send)
        elif path == HEALTH:
            await send_whole(send, 200, {"content-type": "application/json"}, self._health())
        elif path.startswith(_ENDPOINTS):
            await self._runtime(scope, headers, body, send)
        elif path == "/" and method == "POST":
            await self._control(headers, body, send)
        elif path == moto_services.PREFIX or path.startswith(f"{moto_services.PREFIX}/"):
            await self._others(scope, headers, body, send)
        elif path.startswith(feature_store_runtime.PATHS):
            await self._features(scope, headers, body, send)
        else:
            raise UnknownPath(f"{method} {path[:200]} is no path of SageMaker local.")

    async def _control(self, headers: Headers, body: Body, send: Send) -> None:
        status, answer = 200, b"{}"
        try:
            _check_signed(headers)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._called, headers, body)
        except AwsError as error:
            status, answer = error.status, error.encoded
        except Exception:  # noqa: BLE001
            status, answer = 500, _internal_failure().encoded
        await send_whole(send, status, {"content-type": _JSON}, answer)

    def _called(self, headers: Headers, body: Body) -> bytes:
        action, request = _parsed(headers, body.require())
        return strict_json.dumps(self._engine.call(action, request)).encode()

    async def _runtime(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        try:
            name, operation = _endpoint_path(scope)
            _check_signed(headers)
            response = await runtime.handle(self._engine, name, operation, headers, body)
            if isinstance(response.body, bytes):
                await send_whole(send, response.status, response.headers, response.body)
            else:
                await send_in_pieces(send, response.status, response.headers, response.body)
        except AwsError as error:
            await _send_runtime_error(send, error)
        except Exception:  # noqa: BLE001
            await _send_runtime_error(send, _internal_failure())

    async def _features(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        try:
            _check_signed(headers)
            line = scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
            answer = asyncio.get_running_loop().run_in_executor(
                self._threads, feature_store_runtime.answer, self._engine, *line, body.require()
            )
            await send_whole(send, 200, {"content-type": "application/json"}, await answer)
        except AwsError as error:
            await _send_runtime_error(send, error)
        except Exception:  # noqa: BLE001
            await _send_runtime_error(send, _internal_failure())

    async def _tracking(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        try:
            _check_signed(headers)
            work = asyncio.get_running_loop().run_in_executor(  # its own threads: an upload may take long
                None, tracking_proxy.forward, self._engine, scope["method"], target, headers, body.require()
            )
            await send_whole(send, *await work)
        except AwsError as error:
            await send_whole(send, *tracking_proxy.refusal(error))
        except Exception:  # noqa: BLE001
            await send_whole(send, *tracking_proxy.refusal(_internal_failure()))

    async def _others(self, scope: dict[str, Any], headers: Headers, body: Body, send: Send) -> None:
        path, query = scope["path"].removeprefix(moto_services.PREFIX), scope["query_string"].decode("latin-1")
        try:
            _check_signed(headers)
            _refuse_action_by_get(scope["method"], query)
            work = asyncio.get_running_loop().run_in_executor(
                self._threads, self._moto.answer, scope["method"], path, query, headers, body.require()
            )
            await send_whole(send, *await work)
        except AwsError as error:
            await send_whole(send, error.status, {"content-type": _JSON}, error.encoded)
        except Exception:  # noqa: BLE001
            await send_whole(send, 500, {"content-type": _JSON}, _internal_failure().encoded)

    def _health(self) -> bytes:
        account, sandbox = self._engine.account, self._engine.executors.tools.sandbox
        health = {
            "status": "running",
            "isolation": sandbox.isolation.name,
            "isolation_meaning": sandbox.meaning,
            "containers": "docker" if self._engine.executors.tools.docker else "environments",
            "account": account.number,
            "region": account.region,
        }
        return json.dumps(health).encode()


def _check_signed(headers: Headers) -> None:
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        raise MissingAuthenticationToken("Missing Authentication Token")


def _endpoint_path(scope: dict[str, Any]) -> tuple[str, str]:
    """The endpoint's name and the operation of a POST to /endpoints/NAME/OPERATION. Raises UnknownPath for others."""
    parts = scope["raw_path"].decode("latin-1").split("/")
    if scope["method"] != "POST" or len(parts) != 4 or not all(parts[2:]):
        raise UnknownPath(f"{scope['method']} {scope['path'][:200]} is no operation of the SageMaker runtime.")
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
        json.dumps(request, ensure_ascii=False).encode()  # a lone surrogate could not be stored
    except ValueError as error:  # NotJson among them
        raise SerializationException(f"The request body is no JSON: {error}") from None
    if not isinstance(request, dict):
        raise SerializationException("Unexpected token where a structure or a map was expected.")
    return target.removeprefix(_TARGET), request


def _internal_failure() -> AwsError:
    error = sys.exception()
    if is_full_disk(str(error)):
        return InternalFailure(f"SageMaker local can't write its state: {error}.")
    with suppress(OSError):  # its own output may be what can't be written
        traceback.print_exc(file=sys.stderr)
    return InternalFailure("SageMaker local failed; its own output has the traceback.")


async def _send_runtime_error(send: Send, error: AwsError) -> None:
    headers = {"content-type": "application/json", "x-amzn-ErrorType": error.code}
    await send_whole(send, error.status, headers, runtime.error_body(error))
