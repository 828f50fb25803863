"""`vishwaops serve`: one command starts everything, ends everything, and continues."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

import psutil
import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.flows.serve.serving import Serve, served
from tests.patience import PATIENCE, at_this_load, until

pytestmark = pytest.mark.starts_first(seconds=40)

END_SECONDS = 10
FIRST_RUN_SECONDS = 20


@pytest.fixture
def prefect_file(tmp_path: Path) -> Path:
    """A prefect.yaml with one deployment, which one run at a time waits in."""
    deployment = {
        "name": "waiting",
        "entrypoint": "tests.flows.waiting_flow.waiting",
        "parameters": {"folder": str(tmp_path / "starts")},
        "schedules": [{"cron": "30 1 * * *", "timezone": "Europe/Paris"}],
        "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "work_pool": {"name": "here"},
    }
    pull = [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}]
    path = tmp_path / "prefect.yaml"
    path.write_text(yaml.safe_dump({"name": "test", "pull": pull, "deployments": [deployment]}))
    (tmp_path / "starts").mkdir()
    return path


@contextmanager
def client_of(serve: Serve) -> Iterator[SyncPrefectClient]:
    with temporary_settings(updates={PREFECT_API_URL: serve.address()}), get_client(sync_client=True) as client:
        yield client


def status_of(address: str, **headers: str) -> int:
    """The status of the answer to a request for the server's health."""
    try:
        with urlopen(Request(f"{address}/health", headers=headers)) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def start_run(client: SyncPrefectClient) -> FlowRun:
    deployment = client.read_deployment_by_name("waiting/waiting")
    return client.create_flow_run_from_deployment(deployment.id)


def state(client: SyncPrefectClient, run: UUID) -> str:
    return str(client.read_flow_run(run).state_name)


def test_kill_9_leaves_no_process_and_the_next_one_continues_the_run_and_ends_in_order(
    bucket: str, tmp_path: Path, prefect_file: Path
) -> None:
    starts, begun = tmp_path / "starts", time.monotonic()
    with served(tmp_path / "home", prefect_file) as first:
        with client_of(first) as client:
            run = start_run(client)
            until(lambda: list(starts.glob("start-0")))
            taken = time.monotonic() - begun
            assert taken < at_this_load(FIRST_RUN_SECONDS)
            assert "30 1 * * * Europe/Paris" in first.text
            assert status_of(first.address(), Host="prefect.example") == HTTPStatus.FORBIDDEN
            assert status_of(first.address()) == HTTPStatus.OK
            family = first.family()
            assert len(family) >= 4  # itself, the server, the worker and the flow run
            with served(tmp_path / "home", prefect_file, "second.txt") as refused:
                assert refused.process.wait(PATIENCE) == 1
                assert f"served already, by process {first.process.pid}" in refused.text
        first.end(signal.SIGKILL)
        assert until(lambda: [each for each in family if runs(each)], lambda left: not left) == []

    with served(tmp_path / "home", prefect_file) as second:
        with client_of(second) as client:
            until(lambda: list(starts.glob("start-1")))
            starts.joinpath("go").touch()
            until(lambda: state(client, run.id), lambda name: name == "Completed")
            assert client.read_flow_run(run.id).run_count == 2
            starts.joinpath("go").unlink()
            start_run(client)
            until(lambda: list(starts.glob("start-2")))
        family, begun = second.family(), time.monotonic()
        assert second.end() == 128 + signal.SIGTERM
        assert time.monotonic() - begun < at_this_load(END_SECONDS)
        assert [each for each in family if runs(each)] == []


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
