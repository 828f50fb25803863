"""`prefect.yaml` with a real server, a real worker and the shared offline cloud."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.flows.conftest import PROJECT

PREFECT = [sys.executable, "-m", "prefect"]
POOL = "vishwaops"
NAMES = {
    "ingest/cake-popularity",
    "lifecycle/student-enrollment",
    "lifecycle/student-grades",
    "monitor/student-enrollment",
}


@pytest.fixture(scope="module")
def server(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a Prefect server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    home = tmp_path_factory.mktemp("prefect")
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", port],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/api/health")
        yield environment
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"nothing answers at {url}")


def prefect(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*PREFECT, *arguments], cwd=PROJECT, env=environment, text=True, capture_output=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_deployments_are_registered_and_a_worker_runs_one(server: dict[str, str]) -> None:
    # The worker makes the pool from its own template: `work-pool create` asks an outside registry for one.
    worker = subprocess.Popen(
        [*PREFECT, "worker", "start", "--pool", POOL, "--type", "process"], cwd=PROJECT, env=server
    )
    try:
        wait_for(f"{server['PREFECT_API_URL']}/work_pools/{POOL}")
        prefect(server, "--no-prompt", "deploy", "--all")
        prefect(server, "--no-prompt", "deploy", "--all")  # may be repeated
        listed = prefect({**server, "COLUMNS": "200"}, "deployment", "ls")
        assert all(name in listed for name in NAMES), listed
        said = prefect(server, "deployment", "run", "ingest/cake-popularity", "--watch", "--watch-timeout", "150")
        assert "finished successfully" in said, said
    finally:
        worker.terminate()
        worker.wait(timeout=60)
