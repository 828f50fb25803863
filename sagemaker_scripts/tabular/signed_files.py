"""The files of a signed model: their digests, and the check of an endpoint that it has these files and no others.

The check needs no library: the digest of the signed list comes from the SageMaker model, whose creator has verified the
signature. AWS's images run the archive's own code, so this check finds an archive that was damaged or replaced, not one
whose replacement leaves the check out; `deploy` verifies each archive before.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

EXPECTED = "VISHWAOPS_MODEL_FILES_SHA256"
"""The environment variable with the digest of the list of signed files."""
SIGNED_BY = "VISHWAOPS_MODEL_SIGNED_BY"
"""The environment variable with the id of the key, for the log."""
BYTECODE = "__pycache__"


def listing(files: Mapping[str, str]) -> str:
    """Return the list of files and their SHA-256, by name, as `sha256sum` prints it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))


def digest_of(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of the list of files."""
    return hashlib.sha256(listing(files).encode()).hexdigest()


def of_folder(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by its path there. Raises ValueError for a link.

    Bytecode is deleted first: Python would run it in place of the files that are signed. Raises OSError where that is
    not possible.
    """
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        for path in (Path(parent, name) for name in [*folders, *names]):
            if path.is_symlink():
                raise ValueError(f"{path}: expected a file or a folder of the signed model, found a link")
        for path in (Path(parent, name) for name in names):
            if path.parent.name == BYTECODE:
                path.unlink(missing_ok=True)
            else:
                yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require(folder: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Check the files of the model in a folder, if the environment has the digest of its signed list.

    Raises ValueError when a file was added, removed or changed since the model was signed.
    """
    expected = environment.get(EXPECTED)
    if expected and (found := digest_of(of_folder(folder))) != expected:
        raise ValueError(
            f"{folder}: expected the files that were signed by {environment.get(SIGNED_BY, 'the environment')}, with "
            f"digest {expected}; found other files, with digest {found}. The archive was changed after its deployment: "
            "deploy a version whose signature verifies"
        )
