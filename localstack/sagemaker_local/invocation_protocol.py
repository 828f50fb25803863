"""The connection of a client: as uvicorn's, with InvokeEndpoint answered beside ASGI.

An ordinary InvokeEndpoint needs no task and no ASGI message: it is sent to its container when its last byte arrives,
and its answer is written when the container's has arrived. Every other request, and a large, slow, refused or unusual
one, is uvicorn's and `Server`'s.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from sagemaker_local import runtime
from sagemaker_local.errors import AwsError
from sagemaker_local.loopback_only import LOOPBACK_NAMES
from sagemaker_local.loopback_uvicorn import LoopbackProtocol
from sagemaker_local.server import SIGNATURE, Server, internal_failure

_URL = re.compile(rb"/endpoints/[^/?#]+/invocations")
_MEMBERS = {name.encode(): name for name in runtime.INVOKE_HEADERS}
_OF_PAGES = (b"origin", b"sec-fetch-site")  # headers that only browsers send
_SIGNATURE = SIGNATURE.encode()


class InvocationProtocol(LoopbackProtocol):
    """One connection to SageMaker local's own server."""

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        server: Server = config.app  # type: ignore[assignment]
        self._engine = server.engine
        self._hosts: tuple[bytes, ...] = ()
        self._held: list[bytes] | None = None
        """The body so far of a request that may be answered beside ASGI."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._hosts = tuple(f"{name}:{self.server[1]}".encode() for name in LOOPBACK_NAMES) if self.server else ()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._held is not None and self.parser:  # the body does not fit into one read
            self._hand_over()

    def on_header(self, name: bytes, value: bytes) -> None:
        """As its base classes' in one call: half of a request's time is that of its headers."""
        if self._in_head:
            name = name.lower()
            if name == b"expect":
                super().on_header(name, value)
            else:
                self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_ordinary():
            self._in_head, self._held = False, []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        if self._held is None:
            super().on_message_complete()
            return
        body = b"".join(self._held)
        self._held = None
        self.cycle = _Cycle(self)
        self.cycle.begin(_endpoint(self.url), self.headers, body)

    def _hand_over(self) -> None:
        """Lets uvicorn continue with a request that was held."""
        held, self._held = self._held or [], None
        super().on_headers_complete()
        for body in held:
            super().on_body(body)

    def _is_ordinary(self) -> bool:
        headers = dict(self.headers)
        return (
            _URL.fullmatch(self.url) is not None
            and len(headers) == len(self.headers)
            and headers.get(b"host") in self._hosts
            and headers.get(b"authorization", b"").startswith(_SIGNATURE)
            and not any(name in headers for name in _OF_PAGES)
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and (self.cycle is None or self.cycle.response_complete)
        )

    def answer(self, cycle: _Cycle, response: runtime.Response) -> None:
        """Writes the response of a cycle, and lets the connection's next request begin."""
        cycle.response_complete = True
        if cycle.disconnected or self.transport.is_closing():
            return
        body = response.body
        if not isinstance(body, bytes):
            raise TypeError("InvokeEndpoint got an answer in pieces")
        lines = [f"{name.lower()}: {value}\r\n" for name, value in response.headers.items()]
        end = "" if cycle.keep_alive else "connection: close\r\n"
        tail = f"{''.join(lines)}content-length: {len(body)}\r\nx-amzn-requestid: {_request_id()}\r\n{end}\r\n"
        head = STATUS_LINE[response.status] + _default_head(tuple(self.server_state.default_headers))
        self.transport.write(head + tail.encode("latin-1") + body)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()


class _Cycle:
    """A request in progress, to uvicorn what its own RequestResponseCycle is."""

    __slots__ = ("_protocol", "disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, protocol: InvocationProtocol) -> None:
        self._protocol = protocol
        self.disconnected, self.keep_alive, self.response_complete = False, True, False
        self.message_event = _NOBODY_WAITS

    def begin(self, endpoint: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        members = tuple([(_MEMBERS[name], value.decode("latin-1")) for name, value in headers if name in _MEMBERS])
        try:
            runtime.begin_invocation(self._protocol._engine, endpoint, members, body, self.end)
        except Exception as error:  # noqa: BLE001
            self.end(error)

    def end(self, outcome: runtime.Response | Exception) -> None:
        self._protocol.answer(self, outcome if isinstance(outcome, runtime.Response) else _refusal(outcome))


class _NobodyWaits:
    def set(self) -> None:
        """Called by uvicorn when the client has gone."""


_NOBODY_WAITS = _NobodyWaits()


def _refusal(error: Exception) -> runtime.Response:
    if not isinstance(error, AwsError):
        error = internal_failure(error)
    return runtime.error_response(error)


@lru_cache(maxsize=1024)
def _endpoint(url: bytes) -> str:
    return unquote(url.decode("latin-1").split("/")[2])


@lru_cache(maxsize=4)
def _default_head(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """uvicorn's own headers, which change once a second."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])


def _request_id() -> str:
    """A UUID in form; `uuid4` takes five times as long."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
