"""The packages that AWS's Spark image lacks, as an archive that jobs unpack: `python -m tasks.spark_packages`.

The image has no pyarrow, and other versions of pandas and NumPy. With the versions of requirements.lock a job's tasks
convert cells exactly as one machine does. Building needs a package registry, once; jobs need none.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from config import settings
from config.errors import ConfigError
from tasks import digests, locations, storage

NAMES = ("numpy", "pandas", "pyarrow", "python-dateutil", "pytz", "six", "tzdata")
PYTHON, PLATFORM = "3.12", "x86_64-manylinux_2_28"
"""Of the image."""
ARCHIVE = "packages.tar.gz"
LEFT_OUT = re.compile(r"(^|/)(tests|include|__pycache__)(/|$)")
"""Folders that no job needs."""


def archive_path() -> Path:
    """Return the path of the archive for the locked versions."""
    return settings.PROJECT / ".vishwaops" / f"spark-packages-{digests.of_bytes(_locked().encode())}.tar.gz"


def upload(use_case: str) -> str:
    """Store the archive below the use case's code, if it is not there yet, and return its address.

    Raises ConfigError when this machine has not built it.
    """
    path = archive_path()
    if not path.is_file():
        raise ConfigError(
            f"{path}: expected the packages of `engine: spark`, found none. Build them where a package registry can be "
            "reached: make spark"
        )
    with path.open("rb") as file:
        digest = digests.of_file(file)[: digests.LENGTH]
        folder = locations.code(use_case, digest)
        if not storage.exists(f"{folder}/{ARCHIVE}"):
            storage.publish(folder, {ARCHIVE: file}, {"packages": list(NAMES), "python": PYTHON})
    return f"{folder}/{ARCHIVE}"


def build() -> Path:
    """Download the packages and write the archive. Returns its path."""
    path = archive_path()
    if path.is_file():
        return path
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        packages, requirements = Path(folder) / "packages", Path(folder) / "requirements.txt"
        requirements.write_text(_locked())
        chosen = ["--python-version", PYTHON, "--python-platform", PLATFORM, "--only-binary", ":all:"]
        exactly = ["--quiet", "--no-deps", "--require-hashes", "-r", str(requirements)]
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
        subprocess.run([uv, "pip", "install", "--target", str(packages), *chosen, *exactly], check=True)
        part = Path(folder) / ARCHIVE
        with tarfile.open(part, "w:gz", compresslevel=1) as tar:
            tar.add(packages, ".", filter=lambda member: None if LEFT_OUT.search(member.name) else member)
        part.rename(path)
    return path


def _locked() -> str:
    """Return the lines of the packages in the lock, with versions and hashes."""
    lines = re.split(r"\n(?=\S)", (settings.PROJECT / "requirements.lock").read_text().strip())
    return "\n".join(line for line in lines if line.split("==")[0] in NAMES) + "\n"


if __name__ == "__main__":
    print(build())  # noqa: T201
