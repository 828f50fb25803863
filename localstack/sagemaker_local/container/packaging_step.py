"""How sagemaker-containers installs a script: it writes a setup.py, and runs `pip install . -r requirements.txt`.

Source: aws/sagemaker-containers 2.8.6.post2, `_modules.py` (`prepare`, `install`). pip builds the script's package in an
isolated environment, so it also needs setuptools: from a package index, or from a wheel that requirements.txt offers by
`--find-links`. Here the image's pip runs the first time; what it installed is the layer of later starts.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local.container import layers, requirements
from sagemaker_local.container.requirements import InstallRequirementsError, say

ISOLATED = "SAGEMAKER_LOCAL_ISOLATED"
"""The variable that is 1 in a job or container with EnableNetworkIsolation."""
_SETUP = """
from setuptools import setup
setup(packages=[''],
      name="{name}",
      version='1.0.0',
      include_package_data=True)
"""
_WRITTEN = {
    "setup.cfg": "\n[wheel]\nuniversal = 1\n",
    "MANIFEST.in": "\nrecursive-include . *\nrecursive-exclude . __pycache__*\nrecursive-exclude . *.pyc\n"
    "recursive-exclude . *.pyo\n",
}
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_LINKS = re.compile(r"(?:--find-links|-f)[ =](?P<folder>\S+)")


class InstallModuleError(Exception):
    """pip failed; the text is its command. Its own message is in the log only, as on AWS."""


def install(code: Path, module: str) -> None:
    """Makes a package of the code, and installs its requirements.

    Args:
        code: the folder of the script.
        module: the script's module, which becomes the package's name.

    Raises:
        InstallModuleError: pip failed.
    """
    generated = _prepare(code, module)
    file = code / "requirements.txt"
    words = [".", *(["-r", "requirements.txt"] if file.is_file() else [])]
    command = f"{sys.executable} -m pip install {' '.join(words)}"
    say(f"Installing module with the following command:\n{command}")
    offered = _Offered.read(file)
    isolated = os.environ.get(ISOLATED) == "1"
    try:
        if not generated:
            _install_own(code, words, offered.no_index or isolated)
        elif offered.no_index or isolated:
            _install_offered(code, module, words, offered)
        else:
            say("SageMaker local: the image's setuptools is used; on AWS pip fetches one from a package index.")
            requirements.install(file)
    except InstallRequirementsError as error:
        raise InstallModuleError(command) from error


@dataclass(frozen=True)
class _Offered:
    """What a requirements.txt offers and asks for."""

    lines: list[str]
    no_index: bool
    digests: list[str] | None
    """A line for each file that pip may take; None where that is not known before, so that there is no layer."""

    @classmethod
    def read(cls, file: Path) -> _Offered:
        lines = requirements.lines_of(file) if file.is_file() else []
        return cls(lines, "--no-index" in lines, _digests(lines, file.parent))


def _digests(lines: list[str], folder: Path) -> list[str] | None:
    found: list[str] = []
    for line in lines:
        links = _LINKS.fullmatch(line)
        if links and (folder / links["folder"]).is_dir():
            found += map(_digest, sorted(each for each in (folder / links["folder"]).iterdir() if each.is_file()))
        elif links or (line.startswith("-") and line != "--no-index"):
            return None
        elif (folder / line).is_file():
            found.append(_digest(folder / line))
        elif "/" in line:
            return None
    return found


def _digest(file: Path) -> str:
    return f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _prepare(code: Path, module: str) -> bool:
    """Writes the files of a package, if the code has no setup.py. Returns whether it did."""
    if (code / "setup.py").exists():
        return False
    say(f"Module {module} does not provide a setup.py.\nGenerating setup.py")
    (code / "setup.py").write_text(_SETUP.format(name=module))
    for name, content in _WRITTEN.items():
        say(f"Generating {name}")
        (code / name).write_text(content)
    return True


def _install_own(code: Path, words: list[str], without_index: bool) -> None:
    """Installs a script that brings its own setup.py: each time, for what it does is not known."""
    if without_index:
        _build(code, [*words, "--no-index"])
    else:
        backend = [] if _has_backend(code) else ["--no-build-isolation"]
        _build(code, [*words, *backend], settings_of_this_machine=True)


def _install_offered(code: Path, module: str, words: list[str], offered: _Offered) -> None:
    """Installs from the wheels that the code brings, without an index."""

    def build() -> None:
        _build(code, [*words, "--no-index"])
        _remove_own(module)

    if offered.digests is None or not _NAME.fullmatch(module) or _has_backend(code) or not layers.settings():
        build()
    else:
        layers.provide([*offered.lines, *offered.digests], _title(offered.lines), build)


def _has_backend(code: Path) -> bool:
    """Whether the code names its own build system."""
    return (code / "pyproject.toml").is_file()


def _title(lines: list[str]) -> str:
    return ", ".join(line for line in lines if not line.startswith("-")) or "the script's package"


def _build(code: Path, words: list[str], *, settings_of_this_machine: bool = False) -> None:
    before = set(code.iterdir())
    try:
        requirements.run_pip(words, code, settings_of_this_machine=settings_of_this_machine)
    finally:
        for leftover in {code / "build", *code.glob("*.egg-info")} - before:
            shutil.rmtree(leftover, ignore_errors=True)


def _remove_own(module: str) -> None:
    """Removes the installed copy of the script, for the layer has only what it requires."""
    folder = layers.packages()
    for info in folder.glob(f"{re.sub(r'[-_.]+', '_', module)}-1.0.0.dist-info"):
        with (info / "RECORD").open(newline="") as record:
            paths = [folder / row[0] for row in csv.reader(record)]
        for path in paths:
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, folder)
        shutil.rmtree(info, ignore_errors=True)


def _remove_empty(folder: Path, above: Path) -> None:
    while folder != above and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
