"""Gives up root before any code of a job or model runs.

SageMaker expects containers that start as root (Developer Guide, "Custom Inference Code with Hosting Services"), and
/opt/ml belongs to root. So the image has no USER: its programs give the folders that a job writes to its user, and
become that user.
"""

import os
import pwd
from collections.abc import Iterable
from pathlib import Path

from container.failure import ContainerFailure

VARIABLE = "CONTAINER_USER"
"""The name of the user, which the Dockerfile sets. `root` in a job's or model's Environment keeps root."""
_REMEDY = f"To run as root instead, set {VARIABLE}=root in the Environment"


def become(writes: Iterable[Path] = (), reads: Iterable[Path] = ()) -> None:
    """Become the user that CONTAINER_USER names. Without it, or when not root, the user stays.

    The folders in `writes` are made and given to it, with all that is in them. A machine that refuses the change is
    reported in the log. Raises ContainerFailure when the user does not exist, or can't have or read a path.
    """
    writes, name = list(writes), os.environ.get(VARIABLE, "root")
    changes = name != "root" and os.geteuid() == 0
    account = _account(name) if changes else None
    for folder in writes:
        _give(folder, account)
    if account and _change_to(account):
        _require_readable(reads, name)


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ContainerFailure(f"{VARIABLE}: expected a user of the image, found {name}") from None


def _give(folder: Path, account: pwd.struct_passwd | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if account:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    except OSError as error:
        raise ContainerFailure(f"{folder}: expected a folder that the job may write to: {error}. {_REMEDY}") from error


def _change_to(account: pwd.struct_passwd) -> bool:
    try:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    except PermissionError as error:  # root without capabilities, as some container runtimes have it
        print(f"The container stays root: this machine refuses the change to {account.pw_name}: {error}", flush=True)
        return False
    os.environ["HOME"] = account.pw_dir
    return True


def _require_readable(paths: Iterable[Path], name: str) -> None:
    if refused := [path for path in paths if path.exists() and not os.access(path, os.R_OK)]:
        raise ContainerFailure(f"{refused[0]}: expected that the user {name} may read it. {_REMEDY}")
