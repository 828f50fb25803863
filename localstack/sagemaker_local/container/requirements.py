"""A script's requirements.txt: installs only what the environment does not satisfy already."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path


class InstallRequirementsError(Exception):
    """The requirements can't be installed; says what the installer said."""


def install(file: Path, target: Path) -> None:
    """Installs what `file` asks for and is missing into the folder `target`. Without a file does nothing.

    Raises:
        InstallRequirementsError: pip (or uv) failed, or neither is there.
    """
    if not file.is_file():
        return
    unmet = [line for line in _lines(file) if not _is_met(line)]
    if not unmet:
        _say(f"Requirements of {file.name} are already satisfied; nothing to install.")
        return
    _say(f"Installing from {file.name}: {', '.join(unmet)}")
    done = subprocess.run(
        [*_installer(), "--target", str(target), "-r", str(file)], capture_output=True, text=True, check=False
    )
    _say(done.stdout)
    if done.returncode != 0:
        raise InstallRequirementsError(done.stderr.strip()[-600:])


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        raise InstallRequirementsError(f"Neither pip nor uv is there to install into {sys.executable}.")
    return [uv, "pip", "install", "--python", sys.executable]


def _lines(file: Path) -> list[str]:
    lines = (line.split(" #")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _is_met(line: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
        if requirement.url:
            return False
        if requirement.marker and not requirement.marker.evaluate():
            return True
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
