"""What a job installs beyond its image: a layer, which later jobs with the same requirements reuse.

A layer is a folder named after the image and a digest of what was asked for. Runs inside the job, in its own
interpreter (`interpreter.py`).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

_SETTINGS = "interpreter.json"
_TAKEN = "layers.txt"
"""The names of the layers that an interpreter has, one a line."""
_FROM_THE_START = {"_image.pth", "__pycache__"}
"""What `interpreter.py` puts into site-packages."""
_WITHOUT_EFFECT = {
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_CACHE_DIR",
    "PIP_NO_INPUT",
    "PIP_QUIET",
    "PIP_RETRIES",
    "PIP_ROOT_USER_ACTION",
}
"""Settings of pip that do not change what is installed."""
_LARGEST_COPY = 1 << 20  # bytes


def settings() -> dict[str, Any]:
    """The settings of this interpreter; empty for one that all jobs share, into which nothing is installed."""
    file = Path(sys.prefix) / _SETTINGS
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def packages() -> Path:
    """The site-packages of this interpreter."""
    return Path(sysconfig.get_paths()["purelib"])


def provide(asked: list[str], title: str, install: Callable[[], None]) -> None:
    """Puts the layer of these requirements into the interpreter; makes it by `install` first if there is none.

    A layer is made in an interpreter that nothing else was installed into, and only if the job has no settings of pip:
    then it depends on `asked` alone. Otherwise `install` is for this job.

    Args:
        asked: everything that decides what is installed, in any order.
        title: the requirements, for the log.
        install: installs them into this interpreter; what it raises is passed on.
    """
    known = settings()
    layer = Path(known["layers"]) / _name(str(known["image"]), asked)
    if _pip_is_configured():
        install()
    elif layer.is_dir() and (layer.name in _taken() or not _collides(layer)):
        print(f"Taking what was installed before: {title}", flush=True)  # noqa: T201
        _put(layer)
    elif any(path.name not in _FROM_THE_START for path in packages().iterdir()):
        install()
    else:
        layer.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(layer.with_name(f".{layer.name}.lock")):
            if not layer.is_dir():
                _make(layer, asked, install)
        _put(layer)


def _pip_is_configured() -> bool:
    return any(name.startswith("PIP_") and name not in _WITHOUT_EFFECT for name in os.environ)


def _taken() -> list[str]:
    file = Path(sys.prefix) / _TAKEN
    return file.read_text().splitlines() if file.is_file() else []


def _collides(layer: Path) -> bool:
    """Whether the interpreter has something of the layer in another version, perhaps."""
    present = {path.name for path in packages().iterdir()}
    return any(path.name in present for path in (layer / "packages").iterdir())


def _make(layer: Path, asked: list[str], install: Callable[[], None]) -> None:
    for leftover in layer.parent.glob(f".{layer.name}-*"):  # of a job that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    scripts = Path(sys.prefix) / "bin"
    before = {*packages().iterdir(), *scripts.iterdir()}
    install()
    aside = layer.with_name(f".{layer.name}-{uuid4().hex[:8]}")
    for source, name in ((packages(), "packages"), (scripts, "bin")):
        (aside / name).mkdir(parents=True)
        for path in source.iterdir():
            if path not in before and path.name != "__pycache__":
                shutil.move(path, aside / name / path.name)
    (aside / "requirements.txt").write_text("\n".join([*asked, ""]))
    aside.rename(layer)


def _put(layer: Path) -> None:
    """Installs into site-packages itself, so that a script that is already running can import it."""
    for path in (layer / "packages").iterdir():
        target = packages() / path.name
        if path.is_dir():
            shutil.copytree(path, target, copy_function=_copied, dirs_exist_ok=True)
        else:
            _copied(str(path), str(target))
    for script in (layer / "bin").iterdir():
        first, _, rest = script.read_bytes().partition(b"\n")
        first = f"#!{sys.prefix}/bin/python".encode() if first.startswith(b"#!") and b"python" in first else first
        target = Path(sys.prefix) / "bin" / script.name
        target.write_bytes(first + b"\n" + rest)
        target.chmod(0o755)
    (Path(sys.prefix) / _TAKEN).write_text("\n".join({*_taken(), layer.name}))


def _copied(source: str, target: str) -> str:
    """A copy, for a job may write to what it installed; a hard link to a large file, which takes no room."""
    Path(target).unlink(missing_ok=True)
    try:
        if Path(source).stat().st_size > _LARGEST_COPY:
            os.link(source, target)
            return target
    except OSError:
        pass
    return str(shutil.copy(source, target))


def _name(image: str, asked: list[str]) -> str:
    lines = "\n".join(sorted(line.replace(" ", "") for line in asked))
    return f"{image}-{hashlib.sha256(lines.encode()).hexdigest()[:16]}"


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """A lock against every other process that makes the same layer."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
