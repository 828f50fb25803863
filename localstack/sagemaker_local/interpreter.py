"""A Python interpreter per job: the image's environment, and a place for what the job installs.

The image's environment is shared and never written to. A job's interpreter is a folder of a few small files that
puts an empty site-packages over it; its `pip` stores what it installs for the next job (`container/requirements.py`).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local.container.requirements import REFUSED, WITHOUT_SETTINGS

VARIABLE = "SAGEMAKER_LOCAL_PACKAGE_INDEX"
"""The variable that says whether jobs and containers may reach package indexes: one of CHOICES."""
CHOICES = ("allowed", REFUSED)
_SETTINGS = "interpreter.json"  # `container/layers.py` reads it
_CONTAINER = Path(__file__).resolve().parent / "container"
_PACKAGES = Path(__file__).resolve().parents[1]
# Variables with which an installer reaches a registry. Scripts do not get them.
_INSTALLERS = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT", "REQUESTS_CA")


@dataclass(frozen=True)
class _Base:
    """The interpreter below an environment, and the environment's site-packages."""

    python: Path
    version: str
    packages: Path


def own_interpreter(python: str, folder: Path, layers: Path) -> str:
    """Makes an interpreter over the environment of `python` if it is missing, and returns its path.

    Args:
        python: the image's interpreter.
        folder: the folder of the new interpreter.
        layers: the folder of installed requirements, see `container/requirements.py`.
    """
    if (folder / _SETTINGS).is_file():
        return str(folder / "bin" / "python")
    base = _base(Path(python))
    short = ".".join(base.version.split(".")[:2])
    packages = folder / "lib" / f"python{short}" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    for name in ("python", "python3", f"python{short}"):
        (folder / "bin" / name).symlink_to(base.python)
    for name in ("pip", "pip3", f"pip{short}"):
        _script(folder / "bin" / name, f'exec "{folder}/bin/python" -m pip "$@"')
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.python.parent}\ninclude-system-site-packages = false\nversion = {base.version}\n"
    )
    guard = f"{_CONTAINER / 'guard'}\nimport sagemaker_local_guard\n" if _index() == REFUSED else ""
    (packages / "_image.pth").write_text(
        f"{guard}{_CONTAINER / 'overlay'}\nimport site; site.addsitedir({str(base.packages)!r})\n"
        f"{_CONTAINER / 'modules'}\n"
    )
    (folder / _SETTINGS).write_text(json.dumps(_settings(python, layers)))
    return str(folder / "bin" / "python")


def _settings(python: str, layers: Path) -> dict[str, object]:
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(_INSTALLERS)}
    passed_on["HOME"] = os.environ.get("HOME", "/")
    if _index() == REFUSED:
        passed_on = {"PIP_RETRIES": "0", **WITHOUT_SETTINGS}
    return {
        "index": _index(),
        "image": Path(python).parents[1].name,
        "layers": str(layers),
        "code": str(_PACKAGES),
        "environment": passed_on,
    }


def _index() -> str:
    return os.environ.get(VARIABLE) or CHOICES[0]


def _base(python: Path) -> _Base:
    root = python.parents[1]
    if not (root / "pyvenv.cfg").is_file():
        return _own_base(python)
    lines = (line.partition("=") for line in (root / "pyvenv.cfg").read_text().splitlines())
    settings = {key.strip(): value.strip() for key, _, value in lines}
    version = settings.get("version_info") or settings["version"]
    short = ".".join(version.split(".")[:2])
    home = Path(settings["home"])
    named = (home / name for name in (f"python{short}", "python3", "python"))
    return _Base(
        next((path for path in named if path.exists()), home / "python3").resolve(),
        version,
        root / "lib" / f"python{short}" / "site-packages",
    )


def _own_base(python: Path) -> _Base:
    import sysconfig

    version = ".".join(map(str, sys.version_info[:3]))
    return _Base(python.resolve(), version, Path(sysconfig.get_paths()["purelib"]))


def _script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
