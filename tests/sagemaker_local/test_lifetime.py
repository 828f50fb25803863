"""How a server starts and ends: the state that it leaves, and that it leaves no process."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from sagemaker_local.sandbox import ISOLATIONS
from tests.isolations import OFFERED
from tests.patience import PATIENCE
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import TRAIN, Bench, unique, until

Start = Callable[..., OwnServer]
SLEEPER = "import subprocess, sys, time\nsubprocess.Popen(['sleep', '{mark}'])\nprint('up')\ntime.sleep(600)\n"


def health(server: OwnServer) -> dict[str, str]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE)
    connection.request("GET", "/_sagemaker_local/health")
    return dict(json.loads(connection.getresponse().read()))


def tree(server: OwnServer) -> list[psutil.Process]:
    return [process for process in psutil.Process(server.process.pid).children(recursive=True) if process.is_running()]


def names(server: OwnServer) -> list[str]:
    found = []
    for process in tree(server):
        with suppress(psutil.NoSuchProcess):  # it has ended in the meantime
            found.append(process.name())
    return found


def running_job(server: OwnServer) -> str:
    """A job with a grandchild, in the middle of its training."""
    request = server.bench.request(SLEEPER.format(mark=600 + os.getpid() / 1e6))
    server.bench.sagemaker.create_training_job(**request)
    until(lambda: "sleep" in names(server), bool)
    return str(request["TrainingJobName"])


def test_a_started_server_is_healthy_and_reports_how_it_isolates(start_server: Start) -> None:
    server = start_server()
    assert health(server)["status"] == "running"
    assert health(server)["isolation"] == OFFERED[0]
    assert health(server)["isolation_meaning"].startswith(ISOLATIONS[OFFERED[0]].meaning)


def test_stored_resources_survive_a_restart_and_endpoints_answer_again(start_server: Start) -> None:
    first = start_server()
    job = first.bench.train(TRAIN)["TrainingJobName"]
    endpoint = first.bench.endpoint(first.bench.config(v=(first.bench.model(slope=4.0), 1.0)))
    first.end()
    second = start_server()
    assert second.bench.describe(job)["TrainingJobStatus"] == "Completed"
    assert second.bench.settled(endpoint)["EndpointStatus"] == "InService"
    assert second.bench.invoke(endpoint) == "4.0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=["TERM", "INT", "KILL"])
@pytest.mark.parametrize("isolation", OFFERED)
def test_a_server_that_ends_takes_its_jobs_and_containers_with_it(
    start_server: Start, isolation: str, number: signal.Signals
) -> None:
    server = start_server("--isolation", isolation)
    server.bench.endpoint(server.bench.config(v=(server.bench.model(), 1.0)))
    job = running_job(server)
    processes = tree(server)
    assert len(processes) >= 3
    server.end(number)
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert alive == []
    after = start_server().bench.describe(job)
    assert after["TrainingJobStatus"] == "Failed"
    assert "SageMaker local stopped while the job was in progress" in after["FailureReason"]


def test_no_more_jobs_run_at_once_than_there_are_slots_and_a_waiting_one_can_be_stopped(start_server: Start) -> None:
    server = start_server("--max-jobs", "1")
    running_job(server)
    waiting = server.bench.request(TRAIN)
    server.bench.sagemaker.create_training_job(**waiting)
    name = waiting["TrainingJobName"]
    assert server.bench.describe(name)["SecondaryStatus"] == "Starting"
    server.bench.sagemaker.stop_training_job(TrainingJobName=name)
    assert server.bench.describe(name)["TrainingJobStatus"] == "Stopped"


def test_a_job_leaves_no_folder_behind(start_server: Start, tmp_path: Path) -> None:
    server = start_server()
    server.bench.train(TRAIN)
    until(lambda: list((tmp_path / "state" / "work").iterdir()), lambda folders: folders == [])


def test_an_isolation_that_does_not_work_here_is_refused_at_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sagemaker_local", "--port", "0", "--state-dir", str(tmp_path / "state")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        [*command, "--isolation", "bubblewrap"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 1
    assert done.stderr.startswith("SageMaker local can't start: --isolation 'bubblewrap' does not work")
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named_with_what_to_do(bench: Bench, tmp_path: Path) -> None:
    port = str(urlsplit(bench.url).port)
    command = [sys.executable, "-m", "sagemaker_local", "--port", port, "--state-dir", str(tmp_path / unique("state"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert f"can't listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
