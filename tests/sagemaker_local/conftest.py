"""The bench that the tests of SageMaker local share, and separate servers for tests that end one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tests.patience import PATIENCE
from tests.sagemaker_local.support import BUCKET, Bench, check_response, until

_NO_CHECKS = Config(parameter_validation=False, retries={"max_attempts": 1}, read_timeout=PATIENCE)


@lru_cache
def _session() -> boto3.session.Session:
    """One session for every bench: it reads the service models once."""
    return boto3.session.Session()


def make_bench(environment: dict[str, str], url: str | None = None) -> Bench:
    """A bench for the cloud's SageMaker local, or for another one at `url`."""
    url = url or environment["AWS_ENDPOINT_URL_SAGEMAKER"]

    def client(service: str) -> Any:
        make: Callable[..., Any] = _session().client
        address = url if service.startswith("sagemaker") else environment["AWS_ENDPOINT_URL"]
        made = make(service, region_name="us-east-1", endpoint_url=address, config=_NO_CHECKS)
        made.meta.events.register("before-parse.sagemaker", check_response)
        return made

    bench = Bench(client, url)
    try:
        bench.s3.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        assert "Already" in error.response["Error"]["Code"]
    return bench


@pytest.fixture(scope="session")
def bench(cloud: Cloud) -> Bench:
    return make_bench(cloud.environment)


@dataclass
class OwnServer:
    """A server that belongs to one test."""

    process: subprocess.Popen[bytes]
    url: str
    bench: Bench

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)


@pytest.fixture
def start_server(cloud: Cloud, tmp_path: Path, localstack_env: Path) -> Iterator[Callable[..., OwnServer]]:
    """Starts servers on one state folder, and ends them after the test."""
    started: list[OwnServer] = []

    def start(*arguments: str) -> OwnServer:
        file = tmp_path / "state" / "server.json"
        file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sagemaker_local", "--port", "0", "--state-dir", str(file.parent)]
        command += ["--images-dir", str(localstack_env.parent / "images")]
        process = subprocess.Popen([*command, *arguments], env={**os.environ, **cloud.environment})
        until(file.exists, bool)
        url = f"http://127.0.0.1:{until(lambda: _port(file), bool)}"
        server = OwnServer(process, url, make_bench(cloud.environment, url))
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end()


def _port(file: Path) -> int:
    try:
        return int(json.loads(file.read_text())["port"])
    except ValueError:
        return 0
