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


def settings() -> dict[str, Any]:
    """The settings of this interpreter; empty for one that all jobs share, into which nothing is installed."""
    file = Path(sys.prefix) / _SETTINGS
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def packages() -> Path:
    """The site-packages of this interpreter."""
    return Path(sysconfig.get_paths()["purelib"])


def provide(asked: list[str], title: str, install: Callable[[], None]) -> None:
    """Puts the layer of these requirements into the interpreter; makes it by `install` first if there is none.

    Args:
        asked: everything that decides what is installed, in any order.
        title: the requirements, for the log.
        install: installs them into this interpreter; what it raises is passed on.
    """
    known = settings()
    layer = Path(known["layers"]) / _name(str(known["image"]), asked)
    if layer.is_dir():
        print(f"Taking what was installed before: {title}", flush=True)  # noqa: T201
        _put(layer)
        return
    layer.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(layer.with_name(f".{layer.name}.lock")):
        if not layer.is_dir():
            _make(layer, asked, install)
    _put(layer)


def _make(layer: Path, asked: list[str], install: Callable[[], None]) -> None:
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
            shutil.copytree(path, target, copy_function=_linked, dirs_exist_ok=True)
        else:
            _linked(str(path), str(target))
    for script in (layer / "bin").iterdir():
        first, _, rest = script.read_bytes().partition(b"\n")
        first = f"#!{sys.prefix}/bin/python".encode() if first.startswith(b"#!") and b"python" in first else first
        target = Path(sys.prefix) / "bin" / script.name
        target.write_bytes(first + b"\n" + rest)
        target.chmod(0o755)


def _linked(source: str, target: str) -> str:
    """A hard link where possible: installed files are replaced, never written to."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _name(image: str, asked: list[str]) -> str:
    lines = "\n".join(sorted(line.replace(" ", "") for line in asked))
    return f"{image}-{hashlib.sha256(lines.encode()).hexdigest()[:16]}"


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """A lock against every other process that makes the same layer."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
