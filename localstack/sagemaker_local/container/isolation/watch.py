"""Runs a command on this machine without isolation, and ends it with its descendants when the server ends."""

import os
import signal

from sagemaker_local.container.isolation import system_calls
from sagemaker_local.container.isolation.programs import exit_code, spawn

_ORPHANED = signal.SIGUSR1


def run(server: int, options: dict[str, str], command: list[str]) -> int:
    """Runs a command and returns its exit code; then every process that a job left running is ended.

    Args:
        server: pid of the process that started this one; the command ends with it.
        options: empty, or where a job has its paths relocated, `ml`, the folder that replaces /opt/ml, and `guard`
            as in `MachineMl`.
        command: the program and its arguments.

    Raises:
        OSError: the kernel refuses the guard.
    """
    signal.signal(_ORPHANED, _end)
    system_calls.signal_at_parents_death(_ORPHANED)
    if os.getppid() != server:
        return 1
    return _run_job(options, command) if options else exit_code(spawn(command))


def _run_job(options: dict[str, str], command: list[str]) -> int:
    from sagemaker_local.container.isolation.machine_ml import MachineMl

    system_calls.adopt_orphans()
    machine = MachineMl(options["ml"], options["guard"])
    code = machine.code(exit_code(spawn(command)))
    _end_children()
    return code


def _end(*_: object) -> None:
    _end_children()
    os.killpg(0, signal.SIGKILL)


def _end_children() -> None:
    """Orphans of a job become children of this process, so that all are ended."""
    while children := _children():
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(child) for child in file.read().split()]
