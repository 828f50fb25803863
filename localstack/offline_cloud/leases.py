"""Leases keep a cloud running: a folder with one file per user, or a file that marks that no lease is needed.

The cloud's supervisor looks here a few times a second, so an owner may end in any way, kill -9 included.
"""

import json
import uuid
from dataclasses import asdict
from pathlib import Path

from offline_cloud.processes import ProcessIdentity
from offline_cloud.state import write_atomically
from sagemaker_local.private_files import private_folder

_DETACHED = "detached"


def take(state_dir: Path, owner: ProcessIdentity) -> Path:
    """Keep the cloud alive as long as `owner` lives, or until the file that this returns is removed.

    An owner may take several, so that parts of one process need not know of each other.
    """
    lease = _folder(state_dir) / f"{uuid.uuid4().hex}.json"
    write_atomically(lease, json.dumps(asdict(owner)))
    return lease


def release(lease: Path) -> None:
    lease.unlink(missing_ok=True)


def detach(state_dir: Path) -> None:
    """Keep the cloud alive until it is stopped by name."""
    write_atomically(_folder(state_dir) / _DETACHED, "")


def clear(state_dir: Path) -> None:
    for lease in _folder(state_dir).iterdir():
        lease.unlink(missing_ok=True)


def is_held(state_dir: Path) -> bool:
    folder = _folder(state_dir)
    return (folder / _DETACHED).exists() or any(_owner_runs(lease) for lease in folder.glob("*.json"))


def _owner_runs(lease: Path) -> bool:
    try:
        return ProcessIdentity(**json.loads(lease.read_text())).is_running()
    except FileNotFoundError:  # released in the meantime
        return False


def _folder(state_dir: Path) -> Path:
    return private_folder(state_dir / "leases")
