"""`python -m flows.session.flow_run_supervisor ...`: runs a Prefect command that runs flows, and ends it cleanly.

On a signal, Prefect's worker kills the processes of its flow runs at once, and `prefect flow-run execute`, the command
of a container, forwards no signal. So this supervisor first sends these processes SIGTERM: each stops its jobs in
SageMaker and reports its state.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType

import psutil

from flows.session.signals import GRACE_SECONDS, SIGNALS
from offline_cloud.processes import die_with_parent

COMMANDS = (("worker", "start"), ("flow-run", "execute"))
"""Prefect's commands that run flows in child processes."""
FLOW_RUN = "PREFECT__FLOW_RUN_ID"
"""The environment variable that Prefect sets in a flow run's process."""
OWN_BEHAVIOUR = "PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR"
"""If this variable is set, Prefect itself handles SIGTERM in `flow-run execute`."""
POLL_SECONDS = 0.1


def runs_flows(arguments: Sequence[str]) -> bool:
    """Whether this module must run Prefect's command with these arguments."""
    return tuple(arguments[:2]) in COMMANDS and OWN_BEHAVIOUR not in os.environ


def supervise(arguments: Sequence[str]) -> int:
    """Run Prefect's command to its end and return its exit status, or 128 plus a signal's number.

    On a signal, end the processes of its flow runs, then the command. A second signal is forwarded to the command.
    """
    parent, received = os.getpid(), list[int]()
    command = subprocess.Popen(
        [sys.executable, "-m", "flows.session.prefect_command", *arguments],
        start_new_session=True,  # Ctrl-C in a terminal reaches only this process
        preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent),
    )

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            command.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, pass_on)
    while command.poll() is None and not received:
        time.sleep(POLL_SECONDS)
    if received:
        end_flow_runs(command.pid)
        command.terminate()
    status = command.wait()
    return 128 + received[0] if received else status


def end_flow_runs(command: int) -> None:
    """Terminate the processes of the flow runs below a process, also those that start meanwhile, and wait for them."""
    deadline, signalled = time.monotonic() + GRACE_SECONDS + 1, set[psutil.Process]()
    while (running := flow_runs(command)) and time.monotonic() < deadline:
        for process in running - signalled:
            process.terminate()
        signalled |= running
        psutil.wait_procs(running, timeout=POLL_SECONDS)


def flow_runs(command: int) -> set[psutil.Process]:
    """Return the processes of the flow runs below Prefect's command, without the children of flow runs."""
    try:
        return set(_topmost(psutil.Process(command)))
    except psutil.NoSuchProcess:
        return set()


def _topmost(process: psutil.Process) -> Iterator[psutil.Process]:
    for child in process.children():
        if _is_flow_run(child):
            yield child
        else:
            with suppress(psutil.NoSuchProcess):
                yield from _topmost(child)


def _is_flow_run(process: psutil.Process) -> bool:
    try:
        return FLOW_RUN in process.environ() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def main() -> int:
    """Supervise Prefect's command with this process's arguments."""
    return supervise(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
