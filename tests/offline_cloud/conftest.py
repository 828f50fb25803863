import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import offline_cloud
from offline_cloud import state

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
    """Another process that calls `up` and then ends, or stays until it is ended."""

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
    """A state folder of the test's own; a cloud left in it is stopped."""
    folder = tmp_path / "cloud"
    yield folder
    offline_cloud.down(folder)


@pytest.fixture
def call_up(state_dir: Path, localstack_env: Path) -> Iterator[Callable[..., Caller]]:
    """Starts other processes that call `up`; they are gone at the end of the test."""
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
    """Every process of a cloud: keeper, supervisor, services, and all below them."""
    keeper = role(state_dir, "keeper")
    everyone = [keeper, *keeper.children(recursive=True)]
    assert len(everyone) >= 4
    return everyone


def assert_all_end(processes: list[psutil.Process], *, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while left := [process for process in processes if _runs(process)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
