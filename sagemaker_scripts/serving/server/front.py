"""The front process: takes HTTP, holds the queue, and watches the loader and the workers."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from serving.server import log, memory
from serving.server.connection import Connection
from serving.server.frames import Board
from serving.server.http_heads import INVOCATIONS, Head
from serving.server.loader_process import LoaderProcess
from serving.server.metrics import CONTENT_TYPE, Metrics
from serving.server.pool import Pool
from serving.server.responses import JSON, RETRY_AFTER, refusal, response

if TYPE_CHECKING:
    from serving.server.requests import Request
    from serving.server.settings import Settings

_BACKLOG = 1024
_EVERY = 0.25
"""Seconds between two checks of all time limits."""
_QUIET = 0.2
"""Seconds after SIGTERM in which an open connection may still send a request."""
_MOST_CONNECTIONS = 1024
_MOST_RESTARTS, _RESTARTS_WITHIN = 5, 60.0
_LOADING = "The model is being loaded."
_DRAINING = "The server is stopping."


class ServerFailure(Exception):
    """The server cannot serve. The text is one sentence."""


class Front:
    """Answers clients until SIGTERM or SIGINT."""

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings) -> None:
        self.loop, self.settings = loop, settings
        self.connections = set[Connection]()
        self.most_connections = _MOST_CONNECTIONS
        self.metrics = Metrics()
        self.draining = False
        self.loopback_port: int | None = None
        self._board = Board.create(settings.workers)
        self.pool = Pool(loop, settings, self._board, self.metrics, self._kill)
        self._ended: asyncio.Future[None] = loop.create_future()
        self._openapi: bytes | None = None
        self._restarts = list[float]()
        self._server: asyncio.Server | None = None
        self._loader: LoaderProcess | None = None

    async def run(self) -> None:
        """Serve. Raises ServerFailure."""
        for each in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(each, self._drain)
        listening = _listening(self.settings)
        address = listening.getsockname()
        if address[0] in ("127.0.0.1", "::1"):
            self.loopback_port = address[1]
        self._server = await self.loop.create_server(lambda: Connection(self), sock=listening, backlog=_BACKLOG)
        log.event("listening", address=address[0], port=address[1], workers=self.settings.workers)
        self._check_times()
        self._start_loader()
        try:
            await self._ended
        finally:
            self._server.close()
            if self._loader is not None:
                self._loader.end()
        log.event("stopped")

    @property
    def ready(self) -> bool:
        """Whether the model has been loaded. Later, while workers are replaced, requests wait in the queue."""
        return self._openapi is not None

    def submit(self, request: Request) -> None:
        """Queue a request to the model."""
        if self.ready:
            self.pool.submit(request)
        else:
            self.count_refusal(503)
            request.client.respond(refusal(503, _LOADING, RETRY_AFTER))

    def count_refusal(self, status: int) -> None:
        """Count a request to the model that no worker saw."""
        self.metrics.requests[status] += 1

    def answer(self, head: Head) -> bytes:
        """Answer a request that is not for the model."""
        routes = {"/ping": self._ping, "/metrics": self._metrics_text, "/openapi.json": self._description}
        if head.path == INVOCATIONS:
            return refusal(405, "Expected the method POST.", (("Allow", "POST"),))
        if head.path not in routes:
            return refusal(404, f"This server has {INVOCATIONS}, {', '.join(routes)}.")
        if head.method not in ("GET", "HEAD"):
            return refusal(405, "Expected the method GET.", (("Allow", "GET, HEAD"),))
        return routes[head.path]()

    def _ping(self) -> bytes:
        if self.draining or not self.ready or not self.pool.links:
            return refusal(503, _DRAINING if self.draining else _LOADING, RETRY_AFTER)
        return response(200, b"", JSON)

    def _description(self) -> bytes:
        return refusal(503, _LOADING, RETRY_AFTER) if self._openapi is None else response(200, self._openapi, JSON)

    def _metrics_text(self) -> bytes:
        loaders = [] if self._loader is None else [self._loader.pid]
        pids = [os.getpid(), *loaders, *(link.pid for link in self.pool.links)]
        gauges = {
            "queue_length": ("Requests that wait for a worker.", len(self.pool)),
            "in_progress": ("Requests that workers have.", self.pool.in_progress),
            "held_bytes": ("Bytes of the bodies that the server holds.", self.pool.bytes_held),
            "connections": ("Open connections.", len(self.connections)),
            "workers": ("Worker processes.", len(self.pool.links)),
            "memory_bytes": ("Memory of all processes (sum of PSS).", sum(map(memory.proportional, pids))),
        }
        return response(200, self.metrics.text(gauges).encode(), CONTENT_TYPE)

    def loader_reported(self, message: dict[str, Any], descriptors: list[int]) -> None:
        """Take the loader's message: the model was loaded or not, a worker started or ended."""
        match message["event"]:
            case "loaded":
                log.event("loaded", digest=message["digest"], threads=message["threads"])
                with os.fdopen(descriptors[0], "rb") as file:
                    file.seek(0)
                    self._openapi = file.read()
            case "worker":
                log.event("worker_started", pid=message["pid"])
                self.pool.add(socket.socket(fileno=descriptors[0]), message["pid"], message["slot"])
            case "worker_ended":
                self.metrics.restarts["worker"] += 1
            case "failed":
                self._fail(f"The model in {self.settings.model} can't be served: {message['reason']}")

    def loader_ended(self) -> None:
        """Start another loader. Its end ended the workers too; their requests wait in the queue."""
        if self._ended.done():
            return
        now = monotonic()
        self._restarts = [*(time for time in self._restarts if now - time < _RESTARTS_WITHIN), now]
        log.event("loader_ended", restarts=len(self._restarts))
        if not self.ready or len(self._restarts) > _MOST_RESTARTS:
            self._fail("The process that loads the model ended without a reason; its own output may show one.")
            return
        self.metrics.restarts["loader"] += 1
        self._start_loader()

    def _start_loader(self) -> None:
        self._loader = LoaderProcess(self.loop, self.settings, self._board, self)

    def _kill(self, pid: int) -> None:
        if self._loader is not None:
            self._loader.kill_worker(pid)

    def _fail(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_exception(ServerFailure(reason))

    def _check_times(self) -> None:
        self.loop.call_later(_EVERY, self._check_times)  # first: a failure below must not end the time limits
        now = monotonic()
        self.pool.check_time(now)
        for connection in list(self.connections):
            connection.check_time(now)

    def _drain(self) -> None:
        """Accept nothing more, answer what was accepted, and end."""
        if self.draining or self._server is None:
            return
        self.draining = True
        log.event("draining", waiting=len(self.pool), in_progress=self.pool.in_progress)
        self._server.close()
        self._end_when_done(monotonic())

    def _end_when_done(self, begun: float) -> None:
        waited = monotonic() - begun
        busy = any(not connection.idle for connection in self.connections)
        if self._ended.done():
            return
        if waited < self.settings.drain and (busy or (self.connections and waited < _QUIET)):
            self.loop.call_later(0.02, self._end_when_done, begun)
            return
        if busy:
            log.event("drain_cut_short", waiting=len(self.pool), in_progress=self.pool.in_progress)
        for connection in list(self.connections):
            connection.close()
        self.loop.call_soon(self._ended.set_result, None)


def _listening(settings: Settings) -> socket.socket:
    if settings.socket_fd is not None:
        return socket.socket(fileno=settings.socket_fd)
    try:
        return socket.create_server((settings.host, settings.port), backlog=_BACKLOG)
    except OSError as error:
        raise ServerFailure(
            f"Can't listen on {settings.host}:{settings.port}: {os.strerror(error.errno or 0)}."
        ) from None
