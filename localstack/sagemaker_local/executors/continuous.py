"""Keeps a folder's files in S3 while a job writes them: checkpoints and continuous processing outputs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sagemaker_local.errors import JobFailure
from sagemaker_local.s3 import S3

_EVERY = 1.0
_SETTLED = 0.2  # seconds that a file must not have changed for, so that none is taken half written


class ContinuousUpload:
    """One folder and where it goes. What was uploaded once is uploaded again when its time or size changes."""

    def __init__(self, s3: S3, folder: Path, uri: str) -> None:
        self._s3, self._folder, self._uri = s3, folder, uri
        self._known: dict[Path, tuple[float, int]] = {}

    def note_what_is_there(self) -> None:
        """Files that came from S3 need not go back."""
        self._known = self._state()

    def upload_changes(self, now: float | None = None) -> None:
        """Uploads what is new; given the time, only what has settled by then."""
        state = self._state()
        changed = [path for path, stamp in state.items() if self._known.get(path) != stamp]
        for path in changed:
            if now is None or state[path][0] <= now - _SETTLED:
                self._s3.upload_file(path, f"{self._uri.rstrip('/')}/{path.relative_to(self._folder).as_posix()}")
                self._known[path] = state[path]

    def _state(self) -> dict[Path, tuple[float, int]]:
        found = {}
        for path in sorted(self._folder.rglob("*")):
            try:
                if path.is_file() and not path.is_symlink():
                    found[path] = path.stat().st_mtime, path.stat().st_size
            except OSError:  # it was there a moment ago
                continue
        return found


@contextmanager
def uploading(uploads: list[ContinuousUpload]) -> Iterator[None]:
    """Uploads changes every second or so meanwhile, and the last of them afterwards, however the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_keep_uploading, args=(uploads, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for upload in uploads:
            upload.upload_changes()


def _keep_uploading(uploads: list[ContinuousUpload], over: threading.Event) -> None:
    while uploads and not over.wait(_EVERY):
        for upload in uploads:
            try:
                upload.upload_changes(time.time())
            except (JobFailure, OSError):  # what can't be uploaded now is tried again, and at the end it counts
                continue
