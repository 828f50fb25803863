import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import offline_cloud
from offline_cloud import state
from tests.patience import PATIENCE, until

CALLER = """
import sys, time
from pathlib import Path
import offline_cloud
cloud = offline_cloud.up(Path(sys.argv[1]), Path(sys.argv[2]), announce=lambda line: print(line, flush=True))
if "detach" in sys.argv:
    cloud.detach()
print("started" if cloud.started else "attached", flush=True)
if "stay" in sys.argv:
    time.sleep(600)
"""


class Caller:
    """Another process that calls `up` and then exits, or stays until it is ended."""

    def __init__(self, state_dir: Path, localstack_env: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CALLER, state_dir, localstack_env, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, word: str) -> None:
        assert self.process.stdout is not None
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if word in line:
                return
        raise AssertionError(f"{word!r} never came; there was:\n{''.join(seen)}")


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """The test's own state folder; a cloud left in it is stopped."""
    folder = tmp_path / "cloud"
    yield folder
    offline_cloud.down(folder)


@pytest.fixture
def call_up(state_dir: Path, localstack_env: Path) -> Iterator[Callable[..., Caller]]:
    """Starts other processes that call `up`, and ends them after the test."""
    callers: list[Caller] = []

    def call(*words: str) -> Caller:
        callers.append(Caller(state_dir, localstack_env, *words))
        return callers[-1]

    yield call
    for caller in callers:
        caller.process.kill()
        caller.process.communicate()


def role(state_dir: Path, name: str) -> psutil.Process:
    known = state.read(state_dir)
    assert known is not None
    return psutil.Process(known.processes[name].pid)


def family(state_dir: Path) -> list[psutil.Process]:
    """Every process of a cloud: keeper, supervisor, services, and their descendants."""
    keeper = role(state_dir, "keeper")
    everyone = [keeper, *keeper.children(recursive=True)]
    assert len(everyone) >= 4
    return everyone


def assert_all_end(processes: list[psutil.Process], *, within: float = PATIENCE) -> None:
    until(lambda: [process for process in processes if _runs(process)], lambda left: not left, within)


def is_ready(state_dir: Path) -> bool:
    """Whether a cloud runs and is not stopping, when its processes still run for a while."""
    known = state.read(state_dir)
    return known is not None and known.is_ready()


def let_the_supervisor_look(state_dir: Path) -> None:
    """Return when the supervisor of a running cloud has read its leases several times."""
    supervisor = role(state_dir, "supervisor")
    before = supervisor.num_ctx_switches().voluntary
    until(lambda: supervisor.num_ctx_switches().voluntary - before, lambda slept: slept >= 6)


def fake_localstack(folder: Path, script: str) -> Path:
    """An environment whose LocalStack is a shell script."""
    main = folder / "lib" / "python3.11" / "site-packages" / "localstack" / "runtime" / "main.py"
    main.parent.mkdir(parents=True)
    main.touch()
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return folder


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
