"""The requirements of a script beyond its image: installed once as a layer, which later jobs reuse.

Runs inside the job, in its own interpreter (`interpreter.py`). A layer is a folder named after the image
and the requirements; with it a later job needs neither time nor network. Requirements that depend on files of the job
or on another index are installed for the job alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

_SETTINGS = "interpreter.json"
# Options of `pip install` that do not change what is installed.
_HARMLESS = {"-q", "--quiet", "-qq", "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--upgrade", "-U"}


class InstallRequirementsError(Exception):
    """The requirements can't be installed; the text is the installer's message."""


def install(file: Path) -> None:
    """Installs the requirements in `file` that are missing. Without a file does nothing.

    Raises:
        InstallRequirementsError: pip failed, or does not exist.
    """
    if not file.is_file():
        return
    asked = _lines(file)
    unmet = [line for line in asked if not _is_met(line)]
    if not unmet:
        _say(f"Requirements of {file.name} are already satisfied; nothing to install.")
    elif all(map(_is_plain, unmet)):
        _from_layer(unmet)
    else:
        _say(f"Installing from {file.name}: {', '.join(unmet)}")
        _run_pip(["-r", file.name], file.parent)


def pip(words: list[str]) -> int:
    """Implements `python -m pip …`: a plain `install` uses a layer, anything else the image's own pip."""
    asked = _asked(words)
    if asked is None:
        return _run_real_pip(words)
    unmet = [line for line in asked if not _is_met(line)]
    try:
        if unmet:
            _from_layer(unmet)
        else:
            _say("Requirements are already satisfied; nothing to install.")
    except InstallRequirementsError as error:
        print(f"ERROR: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _asked(words: list[str]) -> list[str] | None:
    """The requirements of `pip install …`, or None where a layer can't replace it."""
    rest = [word for word in words if word not in _HARMLESS]
    if rest[:1] != ["install"]:
        return None
    asked: list[str] = []
    rest = rest[1:]
    while rest:
        word = rest.pop(0)
        if word in ("-r", "--requirement") and rest and Path(rest[0]).is_file():
            asked += _lines(Path(rest.pop(0)))
        else:
            asked.append(word)
    return asked if asked and all(map(_is_plain, asked)) else None


def _from_layer(unmet: list[str]) -> None:
    """Puts the layer of these requirements into the interpreter; makes the layer first if there is none."""
    settings = _settings()
    layer = Path(settings["layers"]) / _layer_name(str(settings["image"]), unmet)
    if layer.is_dir():
        _say(f"Taking what was installed before: {', '.join(unmet)}")
        _put(layer)
        return
    layer.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(layer.with_name(f".{layer.name}.lock")):
        if not layer.is_dir():
            _make(layer, unmet)
    _put(layer)


def _make(layer: Path, unmet: list[str]) -> None:
    packages, scripts = _packages(), Path(sys.prefix) / "bin"
    before = {*packages.iterdir(), *scripts.iterdir()}
    _say(f"Installing {', '.join(unmet)}")
    _run_pip(unmet, Path.cwd())
    aside = layer.with_name(f".{layer.name}-{uuid4().hex[:8]}")
    for source, name in ((packages, "packages"), (scripts, "bin")):
        (aside / name).mkdir(parents=True)
        for path in source.iterdir():
            if path not in before and path.name != "__pycache__":
                shutil.move(path, aside / name / path.name)
    (aside / "requirements.txt").write_text("\n".join([*unmet, ""]))
    aside.rename(layer)


def _put(layer: Path) -> None:
    """Installs into site-packages itself, so that a script that is already running can import it."""
    for path in (layer / "packages").iterdir():
        target = _packages() / path.name
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


def _packages() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def _run_pip(words: list[str], directory: Path) -> None:
    from importlib.util import find_spec

    if find_spec("pip._internal") is None:
        raise InstallRequirementsError("pip is not in the environment of this image.")
    settings = _settings()
    command = [sys.executable, "-m", "sagemaker_local.container.requirements", "pip"]
    words = ["install", "--disable-pip-version-check", "--no-warn-script-location", *words]
    done = subprocess.run(
        [*command, *words],
        cwd=directory,
        env={**os.environ, **settings["environment"], "PYTHONPATH": str(settings["code"])},
        capture_output=True,
        text=True,
        check=False,
    )
    _say(done.stdout)
    if done.returncode != 0:
        raise InstallRequirementsError(done.stderr.strip()[-600:])


def _run_real_pip(words: list[str]) -> int:
    """Runs the image's own pip in this process, without `overlay/pip` before it on the path."""
    sys.path[:] = [entry for entry in sys.path if Path(entry).name != "overlay"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    from pip._internal.cli.main import main

    return int(main(words))


def _settings() -> dict[str, Any]:
    file = Path(sys.prefix) / _SETTINGS
    if not file.is_file():
        raise InstallRequirementsError(f"{sys.executable} is shared by all jobs; nothing is installed into it.")
    return dict(json.loads(file.read_text()))


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """A lock against every other process that makes the same layer."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _layer_name(image: str, unmet: list[str]) -> str:
    asked = "\n".join(sorted(line.replace(" ", "") for line in unmet))
    return f"{image}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"


def _lines(file: Path) -> list[str]:
    lines = (line.split(" #")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _is_plain(line: str) -> bool:
    """Whether a line names a package of the registry, not a file of the job."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(line).url is None
    except InvalidRequirement:
        return False


def _is_met(line: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
        if requirement.url or requirement.extras:
            return False
        if requirement.marker and not requirement.marker.evaluate():
            return True
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "pip":
        sys.exit(_run_real_pip(sys.argv[2:]))
    try:
        install(Path(sys.argv[1]))
    except InstallRequirementsError as error:
        sys.exit(str(error))
