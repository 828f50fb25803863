"""The connection of the instances of a job, here two processes of this machine."""

import os
import signal
import socket
import subprocess
import sys
from typing import IO

import numpy as np
import pytest

from config.settings import SCRIPTS
from tabular.collective import ALONE
from tabular.distributed.connection import connected

HOSTS = ("127.0.0.1", "localhost")
INSTANCE = """
import sys
import numpy as np
from tabular.distributed.connection import connected

host, port, fails = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with connected({"SM_HOSTS": '["localhost", "127.0.0.1"]', "SM_CURRENT_HOST": host}, port) as ranks:
    together = ranks.sum(np.array([[1, ranks.rank + 1]])).tolist()
    print(ranks.rank, ranks.size, together, ranks.gather({"host": host}), flush=True)
    while fails == "waits" or ranks.rank == 0 and fails:
        ranks.sum(np.ones(1))
    if fails:
        sys.stdin.read()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(fails: str = "") -> list[subprocess.Popen[str]]:
    """Start the instances of a job."""
    port, pipe = str(free_port()), subprocess.PIPE
    words = [sys.executable, "-c", INSTANCE]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "OMP_NUM_THREADS": "1"}
    return [
        subprocess.Popen([*words, host, port, fails], env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for host in HOSTS
    ]


def line(stream: IO[str] | None) -> str:
    """Read the instance's own line; XGBoost may print another one before."""
    assert stream is not None
    return next(text for text in stream if not text.startswith("["))


def test_two_instances_have_the_sum_and_the_values_of_both() -> None:
    instances = start()
    found = [each.communicate(timeout=60) for each in instances]
    assert [each.returncode for each in instances] == [0, 0], found
    expected = "2 [[2, 3]] [{'host': '127.0.0.1'}, {'host': 'localhost'}]"
    assert [output.splitlines()[-1] for output, _ in found] == [f"0 {expected}", f"1 {expected}"]


def test_a_killed_instance_ends_the_other_one_with_the_reason() -> None:
    first, second = start("first waits")
    assert (line(first.stdout)[0], line(second.stdout)[0]) == ("0", "1")
    second.send_signal(signal.SIGKILL)
    second.communicate(timeout=60)
    _, errors = first.communicate(timeout=60)
    assert first.returncode != 0
    assert "LostInstanceError: 127.0.0.1 has lost the connection to localhost: see the logs of those" in errors


@pytest.mark.parametrize("hosts", ['["algo-1"]', "", None])
def test_the_only_instance_of_a_job_is_connected_to_none(hosts: str | None) -> None:
    environment = {"SM_CURRENT_HOST": "algo-1"} | ({} if hosts is None else {"SM_HOSTS": hosts})
    with connected(environment) as ranks:
        assert ranks is ALONE
        assert (ranks.gather("x"), ranks.sum(np.array([2])).tolist()) == (["x"], [2])
