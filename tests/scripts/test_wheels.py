"""The wheels beside the scripts: those of the lock, and the only packages that SageMaker's toolkit needs."""

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from config.settings import PROJECT, SCRIPTS
from sagemaker_local.images import environment_for
from tasks import scripts
from tests.sagemaker_local.support import IMAGE

WHEELS = SCRIPTS / "wheels"
REFRESH: dict[str, Any] = runpy.run_path(str(PROJECT / ".ci" / "wheels.py"))
SETUP = "from setuptools import setup\nsetup(packages=[''], name='train', version='1.0.0', include_package_data=True)\n"


def pinned(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", text))


def test_the_wheels_are_the_requirements_and_setuptools_in_the_lock_s_versions() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    asked = pinned((SCRIPTS / "requirements.txt").read_text())
    versions = {**asked, "setuptools": pinned(lock)["setuptools"]}
    assert {name: pinned(lock)[name] for name in asked} == asked
    assert {wheel.name for wheel in WHEELS.glob("*.whl")} == {
        f"{name}-{version}-py3-none-any.whl" for name, version in versions.items()
    }
    hashes = re.findall(r"--hash=sha256:(\w+)", lock)
    assert {sha256(wheel.read_bytes()).hexdigest() for wheel in WHEELS.glob("*.whl")} <= set(hashes)


def test_the_index_has_the_digest_of_every_wheel() -> None:
    assert (WHEELS / "index.html").read_text() == REFRESH["index"](WHEELS)


def test_the_licence_of_every_wheel_is_named() -> None:
    table = (WHEELS / "README.md").read_text()
    assert [
        wheel.name for wheel in WHEELS.glob("*.whl") if f"| {' | '.join(wheel.name.split('-')[:2])} |" not in table
    ] == []


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An interpreter with the packages of AWS's XGBoost image, which may install into its own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_LOCAL_IMAGES", str(PROJECT / ".vishwaops" / "images"))
        python = environment_for(IMAGE).python
    folder = tmp_path / "image"
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    packages = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    inside, below = (
        subprocess.run([run, "-c", packages], text=True, capture_output=True, check=True).stdout.strip()
        for run in (folder / "bin" / "python", python)
    )
    (Path(inside) / "image.pth").write_text(below)
    return folder / "bin" / "python"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the package index is asked for. It has no package."""
    paths: list[str] = []

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

    for name in [name for name in os.environ if name.startswith(("PIP_", "PYTHON"))]:
        monkeypatch.delenv(name)
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        yield paths
        server.shutdown()


def install(python: Path, code: Path) -> subprocess.CompletedProcess[str]:
    """The packaging step of sagemaker-containers 2.8.6 (`_modules.py`)."""
    (code / "setup.py").write_text(SETUP)
    (code / "setup.cfg").write_text("[wheel]\nuniversal = 1\n")
    (code / "MANIFEST.in").write_text("recursive-include . *\n")
    environment = {**os.environ, **scripts.ENVIRONMENT}
    command = [str(python), "-m", "pip", "install", ".", "-r", "requirements.txt"]
    return subprocess.run(command, cwd=code, env=environment, text=True, capture_output=True, check=False)


def copied(folder: Path) -> Path:
    """The code folder of a container."""
    code = folder / "code"
    shutil.copytree(SCRIPTS, code, ignore=shutil.ignore_patterns("__pycache__"))
    return code


def test_the_toolkit_installs_the_scripts_without_an_index(image: Path, tmp_path: Path, asked: list[str]) -> None:
    done = install(image, copied(tmp_path))
    assert done.returncode == 0, done.stderr
    assert asked == []
    found = subprocess.run(
        [image, "-c", "import skops.io, prettytable, wcwidth; print(skops.__file__)"], capture_output=True, text=True
    )
    assert found.stdout.startswith(str(image.parents[1])), found.stderr


@pytest.mark.parametrize("package", ["setuptools", "skops"])
def test_a_wheel_with_another_digest_is_not_installed(
    image: Path, tmp_path: Path, asked: list[str], package: str
) -> None:
    code = copied(tmp_path)
    (wheel,) = (code / "wheels").glob(f"{package}-*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = install(image, code)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
