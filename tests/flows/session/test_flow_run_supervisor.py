"""Which of Prefect's commands are supervised, and how the processes of their flow runs are found and ended."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from flows.session.flow_run_supervisor import FLOW_RUN, OWN_BEHAVIOUR, end_flow_runs, flow_runs, runs_flows
from tests.patience import PATIENCE, until

WORKER = f"""
import os, subprocess, sys
waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
starts = [sys.executable, "-c", f"import subprocess; subprocess.run({{waits!r}})"]
children = [subprocess.Popen(starts, env={{**os.environ, "{FLOW_RUN}": "run"}}), subprocess.Popen(waits)]
print(children[0].pid, children[1].pid, flush=True)
children[0].wait()
children[1].kill()
children[1].wait()
"""


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    """A process with two below it, one of which is a flow run that has started a process itself.

    They wait for the end of their input, so that all of them end with the test.
    """
    process = subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.communicate()


@pytest.mark.parametrize(
    ("arguments", "supervised"),
    [
        (["worker", "start", "--pool", "p"], True), (["flow-run", "execute"], True), (["worker", "ls"], False),
        (["server", "start"], False), ([], False),
    ],
)  # fmt: skip
def test_only_the_commands_that_run_flows_are_supervised(
    arguments: list[str], supervised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OWN_BEHAVIOUR, raising=False)
    assert runs_flows(arguments) is supervised


def test_prefect_runs_unsupervised_if_its_own_signal_setting_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OWN_BEHAVIOUR, "reschedule")
    assert not runs_flows(["flow-run", "execute"])


def test_the_processes_of_flow_runs_are_ended_and_no_other(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout
    flow_run, other = map(int, worker.stdout.readline().split())
    found = until(lambda: flow_runs(worker.pid))
    assert {process.pid for process in found} == {flow_run}
    assert flow_run != other
    end_flow_runs(worker.pid)
    assert flow_runs(worker.pid) == set()
    assert worker.wait(PATIENCE) == 0


def test_a_command_that_has_ended_has_no_flow_runs(worker: subprocess.Popen[str]) -> None:
    worker.communicate()
    assert flow_runs(worker.pid) == set()
