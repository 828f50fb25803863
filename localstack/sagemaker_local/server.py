"""The ASGI application: both APIs on one port, their protocols, and errors as AWS writes them."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from sagemaker_local import feature_store_runtime, moto_services, runtime, strict_json, tracking_proxy
from sagemaker_local.engine import Engine
from sagemaker_local.errors import (
    AwsError,
    InternalFailure,
    MissingAuthenticationToken,
    RequestTooLarge,
    SerializationException,
    UnknownOperation,
)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = dict[str, str]

HEALTH = "/_sagemaker_local/health"
_JSON = "application/x-amz-json-1.1"
_TARGET = "SageMaker."
_LARGEST_BODY = 16 << 20
# Of the control plane: several times the largest member, a pipeline definition. Parsing JSON holds every thread.
_LARGEST_REQUEST = 4 << 20
_CALLS_AT_ONCE = 8


class Server:
    """Control plane (`POST /`), runtime (`POST /endpoints/{name}/…`) and health."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moto = moto_services.MotoServices(engine.account.number)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="call")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        path, method = scope["path"], scope["method"]
        if tracking_proxy.ARN in headers:
            await self._tracking(scope, headers, body, send)
        elif path == HEALTH:
            await _send(send, 200, {"content-type": "application/json"}, self._health())
        elif path.startswith("/endpoints/"):
            await self._runtime(path, headers, body, send)
        elif path == "/" and method == "POST":
            await self._control(headers, body, send)
        elif path == moto_services.PREFIX or path.startswith(f"{moto_services.PREFIX}/"):
            await self._others(scope, headers, body, send)
        elif path.startswith(feature_store_runtime.PATHS):
            await self._features(scope, headers, body, send)
        else:
            await _send(send, 404, {"content-type": _JSON}, UnknownOperation(f"{method} {path}").encoded)

    async def _control(self, headers: Headers, body: bytes, send: Send) -> None:
        status, answer = 200, b"{}"
        try:
            _check_signed(headers)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._called, headers, body)
        except AwsError as error:
            status, answer = error.status, error.encoded
        except Exception:  # noqa: BLE001
            status, answer = 500, _internal_failure().encoded
        await _send(send, status, {"content-type": _JSON}, answer)

    def _called(self, headers: Headers, body: bytes) -> bytes:
        action, request = _parsed(headers, body)
        return strict_json.dumps(self._engine.call(action, request)).encode()

    async def _runtime(self, path: str, headers: Headers, body: bytes, send: Send) -> None:
        try:
            _check_signed(headers)
            _, _, name, operation = path.split("/", 3)
            response = await runtime.handle(self._engine, unquote(name), operation, headers, body)
            if isinstance(response.body, bytes):
                await _send(send, response.status, response.headers, response.body)
            else:
                await _send_in_pieces(send, response.status, response.headers, response.body)
        except AwsError as error:
            await _send_runtime_error(send, error)
        except Exception:  # noqa: BLE001
            await _send_runtime_error(send, _internal_failure())

    async def _features(self, scope: dict[str, Any], headers: Headers, body: bytes, send: Send) -> None:
        try:
            _check_signed(headers)
            line = scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
            answer = asyncio.get_running_loop().run_in_executor(
                self._threads, feature_store_runtime.answer, self._engine, *line, body
            )
            await _send(send, 200, {"content-type": "application/json"}, await answer)
        except AwsError as error:
            await _send_runtime_error(send, error)
        except Exception:  # noqa: BLE001
            await _send_runtime_error(send, _internal_failure())

    async def _tracking(self, scope: dict[str, Any], headers: Headers, body: bytes, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        try:
            _check_signed(headers)
            work = asyncio.get_running_loop().run_in_executor(  # its own threads: an upload may take long
                None, tracking_proxy.forward, self._engine, scope["method"], target, headers, body
            )
            await _send(send, *await work)
        except AwsError as error:
            await _send(send, *tracking_proxy.refusal(error))

    async def _others(self, scope: dict[str, Any], headers: Headers, body: bytes, send: Send) -> None:
        path, query = scope["path"].removeprefix(moto_services.PREFIX), scope["query_string"].decode("latin-1")
        try:
            _check_signed(headers)
            work = asyncio.get_running_loop().run_in_executor(
                self._threads, self._moto.answer, scope["method"], path, query, headers, body
            )
            await _send(send, *await work)
        except AwsError as error:
            await _send(send, error.status, {"content-type": _JSON}, error.encoded)
        except Exception:  # noqa: BLE001
            await _send(send, 500, {"content-type": _JSON}, _internal_failure().encoded)

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


def _parsed(headers: Headers, body: bytes) -> tuple[str, dict[str, Any]]:
    target = headers.get("x-amz-target", "")
    if not target.startswith(_TARGET):
        raise UnknownOperation(f"X-Amz-Target must be {_TARGET}<Action>; it is {target!r}.")
    if len(body) > _LARGEST_REQUEST:
        raise RequestTooLarge(f"The request body has more than {_LARGEST_REQUEST:,} bytes.")
    try:
        request = strict_json.loads(body or b"{}")
    except strict_json.NotJson as error:
        raise SerializationException(f"The request body is no JSON: {error}") from None
    if not isinstance(request, dict):
        raise SerializationException("Unexpected token where a structure or a map was expected.")
    return target.removeprefix(_TARGET), request


def _internal_failure() -> AwsError:
    traceback.print_exc(file=sys.stderr)
    return InternalFailure("SageMaker local failed; its own output has the traceback.")


async def _body(receive: Receive) -> bytes:
    """The whole body; what goes beyond any limit of the APIs is read and forgotten."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= _LARGEST_BODY:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send_runtime_error(send: Send, error: AwsError) -> None:
    headers = {"content-type": "application/json", "x-amzn-ErrorType": error.code}
    await _send(send, error.status, headers, runtime.error_body(error))


async def _send_in_pieces(send: Send, status: int, headers: Headers, pieces: AsyncIterator[bytes]) -> None:
    every = {**headers, "x-amzn-RequestId": str(uuid4())}
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    every = {**headers, "content-length": str(len(body)), "x-amzn-RequestId": str(uuid4())}
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
