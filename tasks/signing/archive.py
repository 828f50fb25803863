"""The files of a model.tar.gz and their digests. Nothing in it is unpacked or run."""

import hashlib
import tarfile
from typing import IO

from config.errors import GateError


def require_registered(uri: str, digest: str, registered: str) -> None:
    """Raise GateError unless an archive with this SHA-256 is the one that was registered."""
    if digest != registered:
        raise GateError(
            f"{uri}: expected the archive that was registered, with SHA-256 {registered}; found {digest}. It was "
            "changed after its registration: train it again"
        )


def digests_of(uri: str, archive: IO[bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file, by its path in the archive. Leaves `archive` at its beginning.

    Raises GateError for another content than a model.tar.gz, and for what would be unpacked differently than it is
    listed: a link, a device, a name twice, and a path outside of the model's folder.
    """
    archive.seek(0)
    found: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            for member in tar:
                if not member.isdir():
                    name = _name(uri, member, found)
                    found[name] = hashlib.file_digest(tar.extractfile(member), "sha256").hexdigest()  # type: ignore[arg-type]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise GateError(f"{uri}: expected a model.tar.gz, found another content: {error}") from error
    finally:
        archive.seek(0)
    return found


def _name(uri: str, member: tarfile.TarInfo, before: dict[str, str]) -> str:
    name = member.name.removeprefix("./")
    if not member.isreg() or name in before or name.startswith("/") or ".." in name.split("/") or "\n" in name:
        raise GateError(f"{uri}: expected files with one path each below the model's folder, found {member.name!r}")
    return name
