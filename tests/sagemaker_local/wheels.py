"""Wheels and archives for the tests of what jobs install: a package of one line, and setuptools as the image has it."""

import csv
import io
import subprocess
import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest

from sagemaker_local.images import environment_for
from tests.conftest import LOCALSTACK_ENV
from tests.sagemaker_local.support import IMAGE

TINY = "tinyhelper-1.0-py3-none-any.whl"
OFFLINE = b"--no-index\n--find-links wheels\n"


def tiny_wheel(answer: int = 42, version: str = "1.0") -> bytes:
    """The package tinyhelper, whose ANSWER is this."""
    info = f"tinyhelper-{version}.dist-info"
    tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {
        "tinyhelper.py": f"ANSWER = {answer}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tinyhelper\nVersion: {version}\n",
        f"{info}/WHEEL": tag,
        f"{info}/RECORD": f"tinyhelper.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    return _zipped({name: text.encode() for name, text in files.items()})


@lru_cache
def setuptools_wheel() -> tuple[str, bytes]:
    """The name and content of a wheel of the image's setuptools, packed from the installed files."""
    code = "import setuptools; print(setuptools.__path__[0], setuptools.__version__)"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_LOCAL_IMAGES", str(LOCALSTACK_ENV.parent / "images"))
        command = [environment_for(IMAGE).python, "-c", code]
    path, version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    packages = Path(path).parent
    with (packages / f"setuptools-{version}.dist-info" / "RECORD").open(newline="") as record:
        names = [row[0] for row in csv.reader(record) if not row[0].startswith("..") and not row[0].endswith(".pyc")]
    content = {name: (packages / name).read_bytes() for name in names if (packages / name).is_file()}
    return f"setuptools-{version}-py3-none-any.whl", _zipped(content)


def vendored(requirements: bytes = OFFLINE, *, setuptools: bool = True, tiny: bytes | None = None) -> dict[str, bytes]:
    """The files of a requirements.txt and its folder of wheels."""
    wheels = dict([setuptools_wheel()] if setuptools else [])
    if tiny:
        wheels[TINY] = tiny
    placed = {f"wheels/{name}": content for name, content in wheels.items()} or {"wheels/none.txt": b""}
    return {"requirements.txt": requirements + (b"tinyhelper==1.0\n" if tiny else b""), **placed}


def tar(files: dict[str, bytes]) -> bytes:
    """A .tar.gz of these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    """Always the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
