"""How sagemaker-containers installs a script: it writes a setup.py, and runs `pip install . -r requirements.txt`.

Source: aws/sagemaker-containers 2.8.6.post2, `_modules.py` (`prepare`, `install`). pip builds the script's package in
an isolated environment, so it also needs setuptools: from a package index, or from a wheel that requirements.txt offers
by `--find-links`. Here the image's pip runs the first time; what it installed is the layer of later starts.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

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
_SETUP_OF_NOTHING = "from setuptools import setup\nsetup(name={name!r}, version='1.0.0', packages=[], py_modules=[])\n"
_IMAGES_SETUPTOOLS = "SageMaker local: the image's setuptools is used; on AWS pip fetches one from a package index."
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
    without_index = offered.no_index or os.environ.get(ISOLATED) == "1"
    try:
        if without_index and generated:
            _install_offered(code, module, words, offered)
        elif without_index:
            _build(code, [*words, "--no-index"])
        elif generated and _project(code) == {} and requirements.is_plain(offered):
            say(_IMAGES_SETUPTOOLS)
            requirements.install(file)
        else:
            _install_with_index(code, words)
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


def _install_with_index(code: Path, words: list[str]) -> None:
    """Installs what is not known before: each time, by the image's setuptools where that is all that it needs."""
    if _needs_another_backend(code):
        _build(code, words, settings_of_this_machine=True)
    else:
        say(_IMAGES_SETUPTOOLS)
        _build(code, [*words, "--no-build-isolation"], settings_of_this_machine=True)


def _install_offered(code: Path, module: str, words: list[str], offered: Offered) -> None:
    """Installs from the files that the code brings, without an index."""
    if offered.key is None or not _NAME.fullmatch(module) or _project(code) != {} or not layers.settings():
        _build(code, [*words, "--no-index"])
    else:
        title = ", ".join(offered.requirements) or "the script's package"
        layers.provide([".", *offered.key], title, lambda: _build_alone(code, module, words, offered))


def _build_alone(code: Path, module: str, words: list[str], offered: Offered) -> None:
    """Installs the same without the script's own files, for the layer has only what it requires."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder)
        _copy(["requirements.txt", *(offered.files or {})], code, alone)
        (alone / "setup.py").write_text(_SETUP_OF_NOTHING.format(name=module))
        _build(alone, [*words, "--no-index"])
    for info in layers.packages().glob("*-1.0.0.dist-info"):
        if _normalized(info.name.removesuffix("-1.0.0.dist-info")) == _normalized(module):
            shutil.rmtree(info)


def _copy(names: list[str], source: Path, target: Path) -> None:
    """Copies the files that lie in a folder, if they exist."""
    for name in names:
        if (source / name).is_file() and not Path(name).is_absolute():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)


def _normalized(name: str) -> str:
    """A package's name as packages are compared (PyPA, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _project(code: Path) -> dict[str, Any] | None:
    """What pyproject.toml says about a package; None if it can't be read, empty if it configures only other tools."""
    file = code / "pyproject.toml"
    if not file.is_file():
        return {}
    import tomllib  # most code has no such file, and this import takes 10 ms

    try:
        content = tomllib.loads(file.read_text())
    except ValueError:
        return None
    return {name: content[name] for name in ("project", "build-system") if name in content}


def _needs_another_backend(code: Path) -> bool:
    """Whether the code's build system needs something that the image lacks."""
    required = (_project(code) or {}).get("build-system", {}).get("requires", [])
    return not all(map(requirements.is_met, required))


def _build(code: Path, words: list[str], *, settings_of_this_machine: bool = False) -> None:
    before = set(code.iterdir())
    try:
        requirements.run_pip(words, code, settings_of_this_machine=settings_of_this_machine)
    finally:
        for leftover in {code / "build", *code.glob("*.egg-info")} - before:
            shutil.rmtree(leftover, ignore_errors=True)


def make_layer(file: Path) -> None:
    """Makes the layer of a requirements.txt before the first start needs it.

    Raises:
        InstallModuleError: pip failed.
    """
    offered = Offered.read(file)
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder)
        _copy([file.name, *(offered.files or {})], file.parent, code)
        install(code, _ANY_MODULE)


if __name__ == "__main__":
    try:
        make_layer(Path(sys.argv[1]))
    except InstallModuleError as error:
        sys.exit(str(error))
