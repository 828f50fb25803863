"""Builds the environment of an image from its lock: in a temporary folder that is renamed; two builders make one."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sagemaker_local.errors import JobFailure

_LONGEST = 500
Say = Callable[[str], None]


def environment_folder(name: str, version: str, lock: Path, folder: Path) -> Path:
    """The folder of this lock's environment; another lock or another Python has another folder."""
    content = hashlib.sha256(f"{_short(find_python(version))}\n{lock.read_text()}".encode()).hexdigest()
    return folder.resolve() / f"{name}-{content[:12]}"


def build(name: str, version: str, lock: Path, folder: Path, say: Say) -> str:
    """The interpreter of an image's environment; builds it if it is missing.

    Args:
        name: the image's name.
        version: its version of Python; if this machine lacks it, the server's own is used.
        lock: its packages, each with version and hashes.
        folder: the folder of all environments.
        say: called with progress messages.

    Raises:
        JobFailure: it can't be built.
    """
    environment = environment_folder(name, version, lock, folder)
    if not environment.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder / f".{name}.lock", say):
            if not environment.is_dir():
                _build(name, version, lock, environment, say)
    return str(environment / "bin" / "python")


def find_python(version: str) -> Path:
    """An interpreter of this version, or the one that runs the server."""
    for candidate in _candidates(version):
        found, executable = _described(candidate)
        if found == version:
            return executable
    return Path(sys.executable).resolve()


def _candidates(version: str) -> Iterator[Path]:
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        yield Path(sys.executable).resolve()
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    yield from sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    yield from sorted(Path.home().glob(f".local/share/uv/python/*-{version}.*/bin/python{version}"))


_known: dict[Path, tuple[str, Path]] = {}


def _described(python: Path) -> tuple[str, Path]:
    """The version of an interpreter and the file that it really is, behind a version manager's shim.

    No version for one that does not run. The answer is cached.
    """
    if python not in _known:
        code = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"
        try:
            done = subprocess.run([python, "-ISc", code], capture_output=True, text=True, check=False, timeout=20)
            version, _, executable = done.stdout.strip().partition(" ")
        except (OSError, subprocess.TimeoutExpired):
            version, executable = "", ""
        _known[python] = version, Path(executable)
    return _known[python]


def _short(python: Path) -> str:
    return _described(python)[0]


def _build(name: str, version: str, lock: Path, environment: Path, say: Say) -> None:
    python = find_python(version)
    aside = environment.with_name(f".{environment.name}-{uuid4().hex[:8]}")
    count = sum("==" in line for line in lock.read_text().splitlines())
    say(f"Building the environment that mirrors {name}: {count} packages, once.")
    if _short(python) != version:
        say(f"Python {version} is not on this machine; {_short(python)} is used instead.")
    try:
        for command in _commands(python, aside, lock):
            _run(command, name)
        _rename_in_scripts(aside, environment)
        aside.rename(environment)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    say(f"The environment of {name} is ready.")


def _commands(python: Path, aside: Path, lock: Path) -> list[list[str]]:
    exactly = ["--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv:
        return [
            [uv, "venv", "--quiet", "--no-python-downloads", "--python", str(python), str(aside)],
            [uv, "pip", "install", "--python", str(aside / "bin" / "python"), *exactly],
        ]
    pip = [str(aside / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Compiling all modules takes a minute, and jobs import few of them.
    return [[str(python), "-m", "venv", str(aside)], [*pip, "--no-compile", *exactly]]


def _run(command: list[str], name: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if not line.startswith("WARNING")]
        raise JobFailure(
            f"ClientError: The environment that mirrors image {name} can't be built. It needs a package registry. "
            f"Build it where one can be reached, with: python -m sagemaker_local.images build {name}. "
            f"The installer reported: {' '.join(lines)[-_LONGEST:]}"
        )


def _rename_in_scripts(aside: Path, environment: Path) -> None:
    for script in (aside / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            content = script.read_bytes()
            script.write_bytes(content.replace(str(aside).encode(), str(environment).encode()))


@contextmanager
def _only_one(file: Path, say: Say) -> Iterator[None]:
    """A lock against every other process and thread that builds the same."""
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another job builds the environment of this image already.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
