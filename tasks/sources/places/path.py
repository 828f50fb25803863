"""A file on this machine."""

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.errors import SourceError
from tasks.temporary_files import temporary_file


@dataclass(frozen=True)
class LocalPath:
    """A path; `~` is the user's home."""

    address: str

    def open(self) -> IO[bytes]:
        """Open the file. A file that is not seekable, such as a pipe, is copied first. Raises SourceError."""
        try:
            path = Path(self.address).expanduser()
            mode = path.stat().st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):  # /dev/zero never ends
                raise SourceError(f"{self.address}: expected a file, found a device")
            file = path.open("rb")
            return file if stat.S_ISREG(mode) else _copied(file)
        except (OSError, ValueError, RuntimeError) as error:
            raise SourceError(f"{self.address}: can't be read: {self._reason(error)}") from error

    def _reason(self, error: Exception) -> str:
        match error:
            case FileNotFoundError():
                return f"there is no such file; a relative path begins at the current folder, {Path.cwd()}"
            case IsADirectoryError():
                return "expected one CSV or Parquet file, found a folder"
            case _:
                return getattr(error, "strerror", None) or str(error)

    def fingerprint(self) -> str | None:
        """Return path, device, inode, size and times of a regular file; None for other files and missing ones.

        The time of the last status change (ctime) detects a rewrite of equal size with a restored modification time.
        """
        try:
            path = Path(self.address).expanduser().resolve()
            found = path.stat()
        except (OSError, ValueError, RuntimeError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        numbers = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return ":".join(["path", str(path), *map(str, numbers)])


def _copied(file: IO[bytes]) -> IO[bytes]:
    copy = temporary_file()
    with file:
        shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy
