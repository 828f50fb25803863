"""The last verified checkpoint of each log, kept on this machine: it shows when a log was cut or signed again."""

from pathlib import Path

from config import settings
from config.errors import SourceError
from config.profile import active_profile
from sagemaker_local.private_files import private_folder, write_private
from tasks import storage
from tasks.audit.checkpoint import Checkpoint
from tasks.audit.log import Log
from tasks.audit.tiles import CHECKPOINT
from tasks.audit.verification import Verified, verify


def verify_against_kept(log: Log, elsewhere: Path | None = None) -> tuple[Verified, Path]:
    """Verify a log against the checkpoint of the last verification, and one kept elsewhere if it is given.

    Returns what was found, and the file of the kept checkpoint, which is replaced only when no problem was found.
    Raises SourceError when a file is not a signed checkpoint of this log.
    """
    path = settings.STATE / "audit" / active_profile().environment / log.origin / CHECKPOINT
    seen = [each for each in (path, elsewhere) if each and (each == elsewhere or each.exists())]
    found = verify(lambda name: storage.get(f"{log.folder}/{name}"), log.parse, *(_read(log, each) for each in seen))
    if found.checkpoint and not found.problems:
        private_folder(path.parent)
        write_private(path, found.note.decode())
    return found, path


def _read(log: Log, path: Path) -> Checkpoint:
    try:
        return log.parse(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path}: expected a signed checkpoint of {log.origin}, found none: {error}. A checkpoint is the object "
            f"{log.folder}/{CHECKPOINT}; one of a log that no longer exists may be deleted"
        ) from error
