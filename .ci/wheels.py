"""Downloads the wheels that the scripts of SageMaker's containers install: `python .ci/wheels.py`. Needs a registry.

They are the packages of sagemaker_scripts/requirements.txt, and setuptools, which pip builds the scripts with, in the
versions of requirements.lock. The index beside them has their SHA-256 digests, which pip checks when it installs.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
REQUIREMENTS = PROJECT / "sagemaker_scripts" / "requirements.txt"
WHEELS = PROJECT / "sagemaker_scripts" / "wheels"
LOCK = PROJECT / "requirements.lock"
BUILDS_THE_SCRIPTS = "setuptools"
_PIN = r"(?m)^([a-z0-9-]+)==(\S+)"


def main() -> None:
    """Replace the wheels and their index, and write the versions to requirements.txt."""
    names = [name for name, _ in re.findall(_PIN, REQUIREMENTS.read_text())]
    locked = _locked([*names, BUILDS_THE_SCRIPTS])
    with tempfile.TemporaryDirectory() as folder:
        _download("\n".join(locked.values()), Path(folder))
        for old in WHEELS.glob("*.whl"):
            old.unlink()
        for wheel in Path(folder).iterdir():
            (WHEELS / wheel.name).write_bytes(wheel.read_bytes())
    (WHEELS / "index.html").write_text(index(WHEELS))
    REQUIREMENTS.write_text(re.sub(_PIN, lambda pin: locked[pin[1]].split()[0], REQUIREMENTS.read_text()))


def _locked(names: list[str]) -> dict[str, str]:
    """The lines of packages in the lock, with versions and hashes."""
    lines = re.split(r"\n(?=\S)", LOCK.read_text().strip())
    return {name: line for line in lines for name in names if line.startswith(f"{name}==")}


def _download(requirements: str, folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", "--python-version=3.12"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", *pure]
        subprocess.run([*command, "--dest", folder, "-r", file.name], check=True)


def index(folder: Path) -> str:
    """The page of links that pip's `--find-links` reads: each wheel in `folder` with its digest."""
    links = [
        f'<a href="{wheel.name}#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}">{wheel.name}</a>\n'
        for wheel in sorted(folder.glob("*.whl"))
    ]
    return "".join(["<!doctype html>\n<title>Wheels</title>\n", *links])


if __name__ == "__main__":
    main()
