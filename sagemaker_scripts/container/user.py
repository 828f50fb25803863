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


def become(writes: Iterable[Path] = (), reads: Iterable[Path] = ()) -> None:
    """Become the user that CONTAINER_USER names. Without it, or when not root, the user stays.

    The folders in `writes` are made and given to it, with all that is in them. Raises ContainerFailure when it does not
    exist or can't read a path in `reads`.
    """
    for folder in writes:
        folder.mkdir(parents=True, exist_ok=True)
    name = os.environ.get(VARIABLE, "root")
    if name == "root" or os.geteuid() != 0:
        return
    account = _account(name)
    for folder in writes:
        _give(folder, account)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
    if refused := [path for path in reads if path.exists() and not os.access(path, os.R_OK)]:
        raise ContainerFailure(
            f"{refused[0]}: expected that the user {name} may read it. To run as root instead, set {VARIABLE}=root in "
            "the Environment"
        )


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ContainerFailure(f"{VARIABLE}: expected a user of the image, found {name}") from None


def _give(folder: Path, account: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
