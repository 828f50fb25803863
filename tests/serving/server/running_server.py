"""A model server in a process of its own, and clients of raw bytes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE, until

SCRIPTED = "tests.serving.server.scripted_server"
PROJECT = Path(__file__).parents[3]
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Response:
    """A response, and its headers with names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection to a server."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._port, self._read = port, b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def request(self, body: bytes = b"", *headers: str, line: str = "POST /invocations HTTP/1.1") -> bytes:
        """Return a request's bytes."""
        lines = [line, f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(body)}", *headers, "", ""]
        return "\r\n".join(lines).encode() + body

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def invoke(self, body: bytes, *headers: str) -> Response:
        """Send a body to the model, and read the response."""
        self.send(self.request(body, *headers))
        return self.read()

    def get(self, path: str) -> Response:
        """GET a path."""
        self.send(self.request(line=f"GET {path} HTTP/1.1"))
        return self.read()

    def read(self, *, head_only: bool = False) -> Response:
        """Read one response. Raises ConnectionError if the server closes the connection first."""
        while _HEAD_END not in self._read:
            self._receive()
        head, self._read = self._read.split(_HEAD_END, 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(self._read) < length:
            self._receive()
        body, self._read = self._read[:length], self._read[length:]
        return Response(int(first.split()[1]), headers, body)

    def at_end(self) -> bool:
        """Wait for more. Returns whether the server closed the connection instead."""
        try:
            return not self._read and not self.socket.recv(1)
        except ConnectionResetError:
            return True

    def _receive(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError(f"closed after {self._read!r}")
        self._read += data


@dataclass
class RunningServer:
    """A server's process, its port and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def client(self) -> Client:
        """Connect."""
        return Client(self.port)

    def invoke(self, body: bytes, *headers: str) -> Response:
        """Send a body to the model over a connection of its own."""
        with self.client() as client:
            return client.invoke(body, *headers)

    def get(self, path: str) -> Response:
        """GET a path over a connection of its own."""
        with self.client() as client:
            return client.get(path)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the events of a name in the log so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [event for event in map(_event, lines) if event.get("event") == name]

    def metric(self, name: str) -> float:
        """Return the present value of a metric: its name with its labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics").body.decode(), re.M)
        return float(found[1]) if found else 0.0

    @property
    def loader(self) -> int:
        """The loader's process."""
        return _children(self.process.pid)[0]

    @property
    def workers(self) -> list[int]:
        """The processes of the workers."""
        return _children(self.loader)

    def stop(self) -> int:
        """Send SIGTERM, and wait for the end. Returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def running_server(folder: Path, module: str = SCRIPTED, **environment: str) -> Iterator[RunningServer]:
    """Run a server with these variables of the environment. `folder` is its SAGEMAKER_BASE_DIR and has its log."""
    (folder / "model").mkdir(exist_ok=True, parents=True)
    log = folder / f"log-{os.urandom(4).hex()}"
    with socket.socket() as listening, log.open("wb") as output:
        listening.bind(("127.0.0.1", 0))
        server = RunningServer(_start(folder, module, listening, output.fileno(), environment), 0, log)
        server.port = listening.getsockname()[1]
    try:
        until(lambda: server.process.poll() is not None or _answers_ping(server))
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def _start(
    folder: Path, module: str, listening: socket.socket, output: int, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_LOCAL_SOCKET_FD": str(listening.fileno()),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "2",
        **environment,
    }
    command = [sys.executable, "-m", module]
    return subprocess.Popen(command, env=variables, pass_fds=(listening.fileno(),), stdout=output, stderr=output)


def _answers_ping(server: RunningServer) -> bool:
    try:
        return server.get("/ping").status == 200
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _event(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}
