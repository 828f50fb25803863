"""Starts the supervisor of an offline cloud, waits until its services answer, and reports why when they do not."""

import os
import shutil
import sys
import time
from pathlib import Path
from subprocess import Popen

from offline_cloud import leases, state
from offline_cloud.errors import StartError
from offline_cloud.processes import spawn
from offline_cloud.services import log_path
from sagemaker_local.private_files import private_folder

_POLL = 0.05
# Keeps a reference to each, so that Python reaps them when they end rather than warns that they still run.
_supervisors: list[Popen[bytes]] = []
_FULL = 1 << 20  # bytes of free disk below which it counts as full
_LEAST_ROOM = 100 << 20  # bytes; logs, LocalStack's own files and the smallest use case take about half


def require_room(state_dir: Path) -> None:
    """Raises StartError when the disk has too little room for a cloud."""
    free = shutil.disk_usage(state_dir).free
    if free < _LEAST_ROOM:
        raise StartError(_too_little_room(state_dir, free))


def _too_little_room(state_dir: Path, free: int) -> str:
    return (
        f"{state_dir}: expected at least {_LEAST_ROOM >> 20} MB of free disk for the offline cloud, found "
        f"{free / (1 << 20):.1f} MB. Make room, or name another folder in VISHWAOPS_STATE."
    )


def start(state_dir: Path, localstack_env: Path, lease: Path) -> state.CloudState:
    """Start a supervisor, and return the cloud's state when its services answer.

    Raises StartError when they do not. The lease is then released, and the supervisor has ended.
    """
    log = log_path(state_dir, "supervisor")
    private_folder(log.parent)
    supervisor = spawn(
        [sys.executable, "-P", "-m", "offline_cloud.supervisor", state_dir, localstack_env],
        log=log,
        folder=state_dir,
        environment=os.environ,
    )
    _supervisors.append(supervisor)
    ready = False
    try:
        while supervisor.poll() is None:
            known = state.read(state_dir)
            if known and known.phase == "ready":
                ready = True
                return known
            time.sleep(_POLL)
        raise StartError(_why_it_failed(state_dir, log, supervisor.returncode))
    finally:
        if not ready:
            leases.release(lease)
            supervisor.terminate()
            supervisor.wait()


def _why_it_failed(state_dir: Path, log: Path, status: int) -> str:
    known = state.read(state_dir)
    if known and known.error:
        return f"The offline cloud could not start: {known.error}"
    if (free := shutil.disk_usage(state_dir).free) < _FULL:  # the supervisor could not write the reason
        return f"The offline cloud could not start: {_too_little_room(state_dir, free)}"
    lines = log.read_text(errors="replace").splitlines()[-15:]
    if not lines:
        return "The offline cloud was stopped while it started, by `vishwaops down` or by a signal. Start it again"
    return (
        f"The offline cloud was stopped while it started (its supervisor ended with status {status}). "
        f"The end of its log {log}:\n" + "\n".join(f"    {line}" for line in lines)
    )
