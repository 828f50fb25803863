"""uvicorn's HTTP protocol with `loopback_only` before the application, also for other programs' servers.

uvicorn takes the class by its name from the option --http or the variable UVICORN_HTTP (`loopback_only` has both).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from sagemaker_local.loopback_only import LoopbackOnly

LONGEST_HEAD = 1 << 16
"""Bytes of request line and headers; httptools itself has no limit."""
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def server_config(
    app: Any, keep_alive: int, graceful_shutdown: int | None = None, protocol: type[asyncio.Protocol] | None = None
) -> Config:
    """The server's configuration: this protocol or a subclass, no WebSockets, no access log. Times are in seconds."""
    return Config(
        app,
        http=protocol or LoopbackProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=graceful_shutdown,
    )


class LoopbackProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # uvicorn chooses the class as it starts
    """One connection. The application gets only requests that `LoopbackOnly` allows, with heads of limited size."""

    transport: asyncio.Transport

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:
        if not isinstance(config.loaded_app, LoopbackOnly):  # WebSockets read the application from there as well
            config.loaded_app = LoopbackOnly(config.loaded_app, websockets=config.ws != "none")
        super().__init__(config, *arguments, **named)
        self._in_head, self._head = False, 0

    def data_received(self, data: bytes) -> None:
        """Counts only data that is wholly within a head, so that bodies don't count."""
        self._head = self._head + len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Ignores the trailers of a chunked body: uvicorn would add them to the headers (RFC 9110, section 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
