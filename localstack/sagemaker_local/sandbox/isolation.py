"""The three ways to give a process its own /opt/ml, and which of them this machine allows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local.container.isolation import landlock
from sagemaker_local.sandbox.workspace import ML, Identity, Surroundings, Workspace

_INIT = Path(__file__).parents[1] / "container" / "init.py"
_PROBE_SECONDS = 60
_PROBE = """
import os, socket
assert os.path.exists("/opt/ml/here"), "/opt/ml is not its own"
assert os.readlink("/proc/self") == str(os.getpid()), "/proc is not its own"
assert socket.gethostname() == "probe", "its hostname is not its own"
open("/opt/ml/written", "w").close()
"""


class IsolationUnavailable(Exception):
    """The isolation of this name does not work on this machine."""


@dataclass(frozen=True)
class Isolation:
    """One way to isolate a process."""

    name: str
    own_ml: bool
    """Whether a process sees its own folder at /opt/ml; else its variables have the folder's path on this machine."""
    generations: int
    """See `Process`."""
    meaning: str
    """What it means for the user's jobs: one sentence."""
    prefix: Callable[[Surroundings], list[str]]
    """The arguments to put before a command."""


def watched(*options: str) -> list[str]:
    """A prefix that ends the command and its descendants when this server ends, even by SIGKILL."""
    return [*_init("watch"), *options, "--"]


def choose(name: str | None = None) -> tuple[Isolation, str]:
    """The isolation of this name, or the best that works here. A test run decides whether one works.

    Returns:
        The isolation, and why no better one works: empty for the best one.

    Raises:
        IsolationUnavailable: the named isolation does not work.
    """
    if name is not None:
        return _forced(ISOLATIONS[name]), ""
    reasons = []
    for isolation in (BUBBLEWRAP, NAMESPACES):
        if not (refusal := refusal_of(isolation)):
            return isolation, ""
        reasons.append(f"{isolation.name}: {refusal}")
    return RELOCATED, "; ".join(reasons)


def refusal_of(isolation: Isolation) -> str:
    """Why an isolation does not work on this machine; empty if it works."""
    if isolation is BUBBLEWRAP and shutil.which("bwrap") is None:
        return "bwrap is not installed"
    if isolation is RELOCATED:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.make(Path(folder), "probe")
        (workspace.ml / "here").touch()
        (workspace.root / "hosts").touch()
        here = Surroundings(workspace, ML, network=False, identity=Identity("probe", workspace.root / "hosts"))
        return _failure_of([*isolation.prefix(here), sys.executable, "-ISc", _PROBE])


def _forced(isolation: Isolation) -> Isolation:
    if refusal := refusal_of(isolation):
        raise IsolationUnavailable(
            f"--isolation {isolation.name!r} does not work on this machine: {refusal}. Leave the option out to use the "
            "best isolation that works."
        )
    return isolation


def _failure_of(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1].removeprefix("SageMaker local: ").strip()


def _bubblewrap(here: Surroundings) -> list[str]:
    program = shutil.which("bwrap") or "bwrap"  # a job may have its own PATH
    line = [program, "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--tmpfs", "/opt"]
    for neighbour in sorted(Path("/opt").iterdir()) if Path("/opt").is_dir() else []:
        if neighbour.name != "ml":
            line += ["--dev-bind", str(neighbour), str(neighbour)]
    line += ["--bind", str(here.workspace.ml), ML, "--proc", "/proc", "--chdir", here.directory]
    if here.identity:
        line += ["--unshare-uts", "--hostname", here.identity.hostname]
        line += ["--ro-bind", str(here.identity.names), "/etc/hosts"]
    return line if here.network else [*line, "--unshare-net"]


def _namespaces(here: Surroundings) -> list[str]:
    line = [*_init("namespaces"), f"ml={here.workspace.ml}", f"directory={here.directory}"]
    if here.identity:
        line += [f"hostname={here.identity.hostname}", f"hosts={here.identity.names}"]
    return [*line, *([] if here.network else ["network=none"]), "--"]


def _relocated(here: Surroundings) -> list[str]:
    return watched(f"ml={here.workspace.ml}", f"guard={'landlock' if landlock.works() else 'compare'}")


def _init(module: str) -> list[str]:
    return [sys.executable, "-IS", str(_INIT), str(os.getpid()), module]


_OWN = "each job and each model server has an /opt/ml of its own"
BUBBLEWRAP = Isolation(
    name="bubblewrap",
    own_ml=True,
    generations=2,
    meaning=f"By bubblewrap {_OWN}, so scripts with /opt/ml written into them run as on AWS.",
    prefix=_bubblewrap,
)
NAMESPACES = Isolation(
    name="namespaces",
    own_ml=True,
    generations=2,
    meaning=f"By Linux namespaces {_OWN}, so scripts with /opt/ml written into them run as on AWS.",
    prefix=_namespaces,
)
RELOCATED = Isolation(
    name="relocated paths",
    own_ml=False,
    generations=1,
    meaning="Jobs have no /opt/ml of their own, so scripts must take their paths from the SM_ variables and from "
    "arguments; one with /opt/ml written into it fails, and EnableNetworkIsolation has no effect.",
    prefix=_relocated,
)
ISOLATIONS = {isolation.name: isolation for isolation in (BUBBLEWRAP, NAMESPACES, RELOCATED)}
