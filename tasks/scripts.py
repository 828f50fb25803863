"""Packs the scripts of SageMaker's containers into an archive, which SageMaker unpacks there."""

import gzip
import io
import tarfile
from functools import cache
from pathlib import Path

from config import settings
from tasks import digests, locations, storage

ARCHIVE = "sourcedir.tar.gz"
IMAGE_PARTS = ("container", "image")
"""Folders of what our image has already."""
ENVIRONMENT = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""The variables of every container of the scripts. `--no-index` in requirements.txt does not stop pip from asking the
package index for its own newest version."""


def upload(use_case: str) -> str:
    """Store the archive under its digest and return its address."""
    body = archive()
    folder = locations.code(use_case, digests.of_bytes(body))
    storage.publish(folder, {ARCHIVE: body}, {"files": [name for name, _ in _files()]})
    return f"{folder}/{ARCHIVE}"


@cache
def archive() -> bytes:
    """Return the archive. Equal scripts give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in _files():
            entry = tarfile.TarInfo(name)
            content = path.read_bytes()
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _files() -> list[tuple[str, Path]]:
    wheels = (settings.SCRIPTS / "wheels").iterdir()
    found = [*settings.SCRIPTS.rglob("*.py"), settings.SCRIPTS / "requirements.txt", *wheels]
    named = ((path.relative_to(settings.SCRIPTS), path) for path in found)
    return sorted((name.as_posix(), path) for name, path in named if name.parts[0] not in IMAGE_PARTS)
