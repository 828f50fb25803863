"""Reads single files of a model.tar.gz."""

import json
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any


def extract(archive: Path, names: Collection[str], folder: Path) -> None:
    """Extract into `folder` those of the files `names` that the archive has at its top.

    Raises FileNotFoundError when there is no archive.
    """
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.removeprefix("./") in names:
                tar.extract(member, folder, filter="data")


def read_json(archive: Path, name: str) -> Any:
    """Return the JSON value of a file of the archive; None where it has no such file."""
    with tempfile.TemporaryDirectory() as folder:
        extract(archive, [name], Path(folder))
        path = Path(folder) / name
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
