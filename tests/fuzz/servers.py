"""The HTTP servers of the fuzzing: our own model server, SageMaker local's alone, and an endpoint of it."""

import errno
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import offline_cloud
from tests.endpoints import packed_folder, serving_archive
from tests.fuzz.raw_requests import Raw
from tests.patience import PATIENCE, until
from tests.sagemaker_local.support import SIGNED
from tests.scripts.models import saved_model
from tests.serving.server.running_server import running_server

PROJECT = Path(__file__).parents[2]
SCRIPTS = PROJECT / "sagemaker_scripts"
MODULES = PROJECT / "localstack" / "sagemaker_local" / "container" / "modules"


@dataclass
class Target:
    """A server that answers requests to the small model at a path."""

    port: int
    path: str

    def send(self, body: bytes, content_type: str, accept: str = "application/json") -> tuple[int, bytes]:
        """Send a request on a new connection. Returns the model's status and the response's body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": content_type, "Accept": accept, "Authorization": SIGNED}
        try:
            connection.request("POST", self.path, body, headers)
            response = connection.getresponse()
            return _models_answer(response.status, response.read())
        finally:
            connection.close()

    def head(self, body: bytes) -> list[bytes]:
        """The lines of a good request's head."""
        return [
            f"POST {self.path} HTTP/1.1".encode(),
            f"Host: 127.0.0.1:{self.port}".encode(),
            b"Content-Type: application/json",
            f"Authorization: {SIGNED}".encode(),
            f"Content-Length: {len(body)}".encode(),
        ]

    def send_raw(self, raw: Raw) -> bytes:
        """Send the pieces, say that nothing follows, and return all that comes back. Raises TimeoutError on a hang."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in raw.pieces:
                    connection.sendall(piece)
                connection.shutdown(socket.SHUT_WR)
            except OSError as error:  # it has refused before everything was sent
                _require_closed(error)
            return _all(connection)


def _models_answer(status: int, body: bytes) -> tuple[int, bytes]:
    """InvokeEndpoint answers 424 in place of the model's own status."""
    if status == 424:
        content = json.loads(body)
        return int(content["OriginalStatusCode"]), str(content["OriginalMessage"]).encode()
    return status, body


def _all(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(1 << 16):
            found += piece
    except OSError as error:
        _require_closed(error)
    return found


def _require_closed(error: OSError) -> None:
    """Raise the error unless it means that the peer has closed the connection."""
    if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN):
        raise error


def statuses(answer: bytes) -> list[int]:
    """The statuses in what came back from a connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


@contextmanager
def own_server() -> Iterator[Target]:
    """Our own model server around the small model."""
    with tempfile.TemporaryDirectory() as folder:
        saved_model(_made(Path(folder) / "model"))
        with running_server(Path(folder), "serving.server") as server:
            yield Target(server.port, "/invocations")


@contextmanager
def model_server() -> Iterator[Target]:
    """The serving container's own server around the small model, without SageMaker local."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listening:
        model = _made(Path(folder) / "model")
        saved_model(model)
        (model / "code" / "requirements.txt").unlink()
        listening.bind(("127.0.0.1", 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "sagemaker_local.container.serve"],
            env={**os.environ, **_environment(folder, listening.fileno())},
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        target = Target(listening.getsockname()[1], "/invocations")
        try:
            until(lambda: process.poll() is None and _answers(target))
            yield target
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _environment(folder: str, descriptor: int) -> dict[str, str]:
    return {
        "SAGEMAKER_BASE_DIR": folder,
        "SAGEMAKER_LOCAL_CODE": f"{folder}/model/code",
        "SAGEMAKER_LOCAL_MODULES": str(MODULES),
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_LOCAL_TOOLKIT": "sagemaker-containers",
        "SAGEMAKER_LOCAL_DEFAULTS": "xgboost_defaults",
        "SAGEMAKER_LOCAL_SOCKET_FD": str(descriptor),
        "OMP_NUM_THREADS": "1",
    }


def _answers(target: Target) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def endpoint(url: str, name: str) -> Target:
    """An endpoint of the SageMaker local at `url`, by InvokeEndpoint."""
    return Target(urlsplit(url).port or 80, f"/endpoints/{name}/invocations")


@contextmanager
def live_endpoint() -> Iterator[Target]:
    """The small model behind an endpoint of a separate offline cloud, which ends with it."""
    with tempfile.TemporaryDirectory() as folder:
        cloud = offline_cloud.up(Path(folder) / "cloud", PROJECT / ".vishwaops" / "localstack-env")
        try:
            os.environ |= cloud.environment
            with serving_archive(cloud, packed_model(Path(folder) / "model")) as name:
                yield endpoint(cloud.environment["AWS_ENDPOINT_URL_SAGEMAKER"], name)
        finally:
            offline_cloud.down(Path(folder) / "cloud")


def packed_model(folder: Path) -> bytes:
    """The model.tar.gz of the small compiled model, made in the folder."""
    saved_model(_made(folder))
    return packed_folder(folder)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
