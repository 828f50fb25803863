"""The files of a compiled model: named by their SHA-256 digest, and never pickles."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

NAMED_BY = 16
"""The digits of the digest in a file's name."""


def sha256(content: bytes) -> str:
    """Return the digest of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def write(folder: Path, kind: str, ending: str, content: bytes) -> str:
    """Write a file, and return its name, such as `estimator-0123456789abcdef.ubj`."""
    name = f"{kind}-{sha256(content)[:NAMED_BY]}.{ending}"
    (folder / name).write_bytes(content)
    return name


def write_arrays(folder: Path, kind: str, arrays: Mapping[str, np.ndarray]) -> str:
    """Write arrays as an `.npz` file, which is the same for the same arrays, and return its name."""
    content = io.BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez(content, allow_pickle=False, **named)
    return write(folder, kind, "npz", content.getvalue())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an `.npz` file. Raises ValueError for a file with pickled objects."""
    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def require_digest(path: Path, expected: str) -> bytes:
    """Return a file's content. Raises ValueError when the file is absent, or has another digest."""
    if not path.is_file():
        raise ValueError(f"{path}: expected the file with the SHA-256 digest {expected}, found none")
    content = path.read_bytes()
    if (found := sha256(content)) != expected:
        raise ValueError(f"{path}: expected the SHA-256 digest {expected}, found {found}. Deploy the model again")
    return content
