import subprocess
import sys
from pathlib import Path

import psutil

from offline_cloud.processes import ProcessIdentity, stop
from tests.patience import PATIENCE, until

from .conftest import assert_all_end

# A job that is hard to end: its own session, its parent ended, SIGTERM ignored.
PROGRAM = """
import os, signal, subprocess, sys
from pathlib import Path
from offline_cloud.supervisor import keep

JOB = "trap '' TERM; echo $$ > job; while true; do sleep 1; done"

def supervise(keeper):
    subprocess.run(["sh", "-c", 'setsid sh -c "$1" &', "sh", JOB])
    while not Path("job").exists():
        pass
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)

keep(supervise)
"""


def test_the_keeper_ends_every_job_that_a_killed_supervisor_left(tmp_path: Path) -> None:
    assert _run_keeper_and_its_job(tmp_path, "killed") != 0


def test_the_keeper_ends_every_job_that_an_ending_supervisor_forgot(tmp_path: Path) -> None:
    assert _run_keeper_and_its_job(tmp_path, "ended") == 0


def test_adopted_orphans_are_reaped_and_own_children_left_to_their_waiter() -> None:
    program = """
import subprocess
from offline_cloud.processes import adopt_orphans, reap_orphans
from tests.patience import PATIENCE
from tests.patience import until
import psutil
def ended():
    return [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]
adopt_orphans()
own = subprocess.Popen(["sh", "-c", "read line; exit 7"], stdin=subprocess.PIPE)
subprocess.run(["sh", "-c", "true &"])
until(ended)
assert len(psutil.Process().children()) == 2
reap_orphans({own.pid})
assert [child.pid for child in psutil.Process().children()] == [own.pid]
own.stdin.close()
until(ended)
reap_orphans({own.pid})
assert own.wait() == 7
reap_orphans(())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE)


def test_stop_kills_what_does_not_heed_sigterm_and_all_below_it() -> None:
    with subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600; true"]) as deaf:
        shell = psutil.Process(deaf.pid)
        below = until(shell.children)
        stop([ProcessIdentity.of(deaf.pid)], grace=0.2)
        assert_all_end([shell, *below], within=0)


def _run_keeper_and_its_job(folder: Path, how: str) -> int:
    keeper = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=folder, timeout=PATIENCE)
    assert not psutil.pid_exists(int((folder / "job").read_text()))
    return keeper.returncode
