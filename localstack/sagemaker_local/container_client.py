"""A keep-alive HTTP client for the containers of endpoints. It is small because every invocation uses it."""

from __future__ import annotations

import asyncio
import threading

from sagemaker_local.container_connection import Connection, Done, Exchange, Outcome
from sagemaker_local.container_http import ContainerResponse, post_request
from sagemaker_local.container_stream import ContainerStream, open_stream

_MOST_IDLE = 64


class ContainerClient:
    """Talks to one container on 127.0.0.1. Belongs to one event loop.

    A request is sent once: on an idle connection that the container has not closed, or on a new one. It is sent a
    second time, on a new connection, only when the container had closed the idle one and so has not read it.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Connection] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    def send(self, path: str, headers: dict[str, str], body: bytes, timeout: float, done: Done) -> None:
        """Sends one request. Calls `done` once, with the response or an error, and never before it returns.

        The errors: OSError, EOFError: the container can't be reached, or ended during its answer. TimeoutError: it
        has not answered within `timeout` seconds.
        """
        exchange = Exchange(post_request(self._port, path, headers, body), done)
        loop = self._loop = asyncio.get_running_loop()
        exchange.timer = loop.call_later(timeout, exchange.time_out)
        if self._idle:
            self._idle.pop().begin(exchange)
        else:
            self.connect(exchange)

    async def post(self, path: str, headers: dict[str, str], body: bytes, timeout: float) -> ContainerResponse:
        """As `send`, for coroutines. Raises its errors."""
        waiting: asyncio.Future[ContainerResponse] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if waiting.done():  # the caller was cancelled
                return
            if isinstance(outcome, ContainerResponse):
                waiting.set_result(outcome)
            else:
                waiting.set_exception(outcome)

        self.send(path, headers, body, timeout, done)
        return await waiting

    async def stream(self, path: str, headers: dict[str, str], body: bytes) -> ContainerStream:
        """Sends one request on its own connection; returns when the answer begins. Raises as `open_stream`."""
        return await open_stream(self._port, path, headers, body)

    def settle(self, timeout: float) -> None:
        """Returns when the event loop has completed the step that it is in, or after `timeout` seconds.

        For another thread, which has just taken the container out of service: a request that had already chosen it
        is counted afterwards.
        """
        settled = threading.Event()
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settled.set)
            settled.wait(timeout)

    def close(self) -> None:
        """Closes idle connections; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close_idle)

    def connect(self, exchange: Exchange) -> None:
        """Sends the request of an exchange on a new connection."""
        task = asyncio.create_task(self._connect(exchange))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        except OSError as error:
            exchange.end(error)
            return
        if exchange.done is None:  # it took too long
            connection.transport.close()
        else:
            connection.begin(exchange)

    def keep(self, connection: Connection) -> None:
        """Takes back a connection whose exchange has ended."""
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.transport.close()

    def forget(self, connection: Connection) -> None:
        """Takes a closed connection out of the idle ones."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close_idle(self) -> None:
        for connection in self._idle:
            connection.transport.close()
        self._idle.clear()
