"""The state of a cloud, in state_dir/state.json; only its supervisor writes it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from offline_cloud.errors import StateUnreadableError
from offline_cloud.ports import LOOPBACK
from offline_cloud.processes import ProcessIdentity
from sagemaker_local.private_files import private_folder

Phase = Literal["starting", "ready", "stopping", "failed"]


@dataclass(frozen=True)
class CloudState:
    """`processes` are the cloud's own by role ("keeper", "supervisor", then the services by name); `since` is
    the start in seconds since the epoch; `error` is the reason of a failed cloud."""

    phase: Phase
    processes: dict[str, ProcessIdentity]
    ports: dict[str, int]
    since: float
    error: str = ""

    def is_ready(self) -> bool:
        return self.phase == "ready" and self.processes["supervisor"].is_running()

    def url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}"

    def running(self) -> dict[str, ProcessIdentity]:
        return {role: process for role, process in self.processes.items() if process.is_running()}


def read(state_dir: Path) -> CloudState | None:
    """The state last written, or None when there is none."""
    try:
        raw: dict[str, Any] = json.loads(_file(state_dir).read_text())
        processes = {role: ProcessIdentity(**identity) for role, identity in raw.pop("processes").items()}
        return CloudState(processes=processes, **raw)
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StateUnreadableError(
            f"{_file(state_dir)} is not the state of an offline cloud of this version ({error!r}). End what "
            f"still runs (`pgrep -af offline_cloud.supervisor`), then remove that file."
        ) from error


def write(state_dir: Path, state: CloudState) -> None:
    write_atomically(_file(state_dir), json.dumps(asdict(state), indent=2))


def remove(state_dir: Path) -> None:
    _file(state_dir).unlink(missing_ok=True)


def is_locked(state_dir: Path) -> bool:
    """Whether a process is just starting this cloud, or attaching to it."""
    with locked(state_dir, wait=False) as got_it:
        return not got_it


@contextmanager
def locked(state_dir: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold this cloud's lock; yields whether it was acquired (always, when `wait`). It ends with its process."""
    private_folder(state_dir)
    with (state_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def _file(state_dir: Path) -> Path:
    return state_dir / "state.json"
