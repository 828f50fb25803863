"""The servers of the benchmarks, SageMaker local and moto, and plain HTTP requests to them."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, Signature=0"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    started = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(20)


@contextmanager
def sagemaker_local(state: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """SageMaker local on a state folder, ready."""
    command = (sys.executable, "-m", "sagemaker_local", "--port", str(port), "--state-dir", str(state))
    with process(*command, **environment) as server:
        wait_for(port, "/_sagemaker_local/health")
        yield server


@contextmanager
def moto(port: int, *, jobs: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Vanilla moto, ready; with so many training jobs stored."""
    with process(sys.executable, "-m", "tests.benchmarks.moto_with_jobs", str(port), str(jobs)) as server:
        wait_for(port, "/moto-api/")
        yield server


def wait_for(port: int, path: str, seconds: float = 120.0) -> None:
    """Returns when the server on this port answers 200 on this path."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise TimeoutError(f"Nothing answers on port {port}.")


class Caller:
    """Calls of the SageMaker API over one connection, where the server keeps it open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, action: str, **request: Any) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"SageMaker.{action}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": _SIGNED,
        }
        status, body = self.post("/", json.dumps(request).encode(), headers)
        if status != 200:
            raise RuntimeError(f"{action}: {status} {body!r}")
        return dict(json.loads(body))

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def memory(pid: int) -> float:
    """The memory of a process and its child processes in MB (PSS). Shared pages are counted once."""
    total = 0
    root = psutil.Process(pid)
    for each in (root, *root.children(recursive=True)):
        try:
            total += each.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


def listening_below(server: subprocess.Popen[bytes]) -> int:
    """The port that a process which this server started listens on."""
    for each in psutil.Process(server.pid).children(recursive=True):
        for connection in each.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                return int(connection.laddr.port)
    raise LookupError("no child listens")
