"""How sagemaker-containers installs a script: it writes a setup.py, and runs `pip install . -r requirements.txt`.

Source: aws/sagemaker-containers 2.8.6.post2, `_modules.py` (`prepare`, `install`). pip builds the script's package in
an isolated environment, so it also needs setuptools: from a package index, or from a wheel that requirements.txt offers
by `--find-links`. Here the image's pip runs the first time; what it installed is the layer of later starts.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from sagemaker_local.container import layers, requirements
from sagemaker_local.container.offered import Offered
from sagemaker_local.container.requirements import InstallRequirementsError, say

ISOLATED = "SAGEMAKER_LOCAL_ISOLATED"
"""The variable that is 1 in a job or container with EnableNetworkIsolation."""
_ANY_MODULE = "script"
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
    offered = Offered.read(file)
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


def _install_offered(code: Path, module: str, words: list[str], offered: Offered) -> None:
    """Installs from the wheels that the code brings, without an index."""

    def build() -> None:
        _build(code, [*words, "--no-index"])
        _remove_own(module)

    if offered.key is None or not _NAME.fullmatch(module) or _has_backend(code) or not layers.settings():
        build()
    else:
        layers.provide(offered.key, ", ".join(offered.requirements) or "the script's package", build)


def _has_backend(code: Path) -> bool:
    """Whether the code names its own build system."""
    return (code / "pyproject.toml").is_file()


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


def make_layer(file: Path) -> None:
    """Makes the layer of a requirements.txt before the first start needs it.

    Raises:
        InstallModuleError: pip failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder)
        shutil.copy(file, code)
        for path in Offered.read(file).files or {}:
            target = code / path.relative_to(file.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        install(code, _ANY_MODULE)


if __name__ == "__main__":
    try:
        make_layer(Path(sys.argv[1]))
    except InstallModuleError as error:
        sys.exit(str(error))
