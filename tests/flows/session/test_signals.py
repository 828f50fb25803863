"""Signals: their exit statuses, ignored signals, and the end of a hanging process."""

import subprocess
import sys
import time

import pytest

from tests.flows.conftest import PROJECT
from tests.patience import PATIENCE

BEGIN = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it, and one by nohup SIGHUP
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from flows.session import signals
signals.GRACE_SECONDS = 0.3
"""
ENDS = """
try:
    with signals.ending_on_signals():
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(1000)
except KeyboardInterrupt as interrupt:
    sys.exit(interrupt.status)
"""
HANGS = """
with signals.ending_on_signals():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(1000)
    except KeyboardInterrupt:
        time.sleep(1000)
"""
STAYS = """
import threading
try:
    with signals.ending_on_signals():
        threading.Thread(target=time.sleep, args=(1000,)).start()
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(1000)
except KeyboardInterrupt as interrupt:
    sys.exit(interrupt.status)
"""
MASKED = """
try:
    with signals.ending_on_signals():
        try:
            os.kill(os.getpid(), int(sys.argv[1]))
            time.sleep(1000)
        except KeyboardInterrupt:
            raise ValueError("Task run is not set")
except KeyboardInterrupt as interrupt:
    sys.exit(interrupt.status)
"""
IGNORES = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with signals.ending_on_signals():
    os.kill(os.getpid(), int(sys.argv[1]))
"""
OTHERS = """
with signals.ending_on_signals(), signals.ending_in_time():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    os.kill(os.getpid(), int(sys.argv[1]))
    time.sleep(0.5)
assert signal.set_wakeup_fd(-1) == -1
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
"""


def run(program: str, number: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + program, str(number)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(("number", "status"), [(2, 130), (15, 143), (1, 129)])
def test_a_signal_is_reported_at_once_and_gives_its_exit_status(number: int, status: int) -> None:
    ended = run(ENDS, number)
    assert (ended.returncode, ended.stderr.count("vishwaops: stopping")) == (status, 1)


def test_an_error_that_a_signal_brings_about_in_a_library_is_the_signal_s() -> None:
    assert run(MASKED, 15).returncode == 143


@pytest.mark.parametrize("program", [HANGS, STAYS], ids=["in the run", "after it"])
def test_a_hanging_process_is_ended_and_names_the_command_to_see_its_jobs(program: str) -> None:
    begun = time.monotonic()
    ended = run(program, 15)
    assert ended.returncode == 143
    assert "the process ends without it. To see the jobs in progress: vishwaops jobs" in ended.stderr
    assert time.monotonic() - begun < PATIENCE


def test_an_ignored_signal_stays_ignored_and_other_signals_have_no_effect() -> None:
    assert (run(IGNORES, 1).returncode, run(OTHERS, 10).returncode) == (0, 0)
    assert run(OTHERS, 10).stderr == ""
