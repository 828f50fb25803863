"""Uploads a folder's files to S3 while a job writes them: checkpoints and continuous processing outputs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sagemaker_local.errors import JobFailure
from sagemaker_local.s3 import S3

_EVERY = 1.0
_SETTLED = 0.2  # seconds for which a file must not have changed, so that none is uploaded half written


class ContinuousUpload:
    """One folder and its URI. A file is uploaded again when its time or size changes."""

    def __init__(self, s3: S3, folder: Path, uri: str) -> None:
        self._s3, self._folder, self._uri = s3, folder, uri
        self._known: dict[Path, tuple[float, int]] = {}

    def note_what_is_there(self) -> None:
        """Notes the files that came from S3, which need no upload."""
        self._known = self._state()

    def upload_changes(self, now: float | None = None) -> bool:
        """Uploads new files; with a time, only those that have not changed since shortly before it.

        Returns:
            Whether a file was uploaded.
        """
        state = self._state()
        changed = [path for path, stamp in state.items() if self._known.get(path) != stamp]
        uploaded = False
        for path in changed:
            if now is None or state[path][0] <= now - _SETTLED:
                self._s3.upload_file(path, f"{self._uri.rstrip('/')}/{path.relative_to(self._folder).as_posix()}")
                self._known[path] = state[path]
                uploaded = True
        return uploaded

    def _state(self) -> dict[Path, tuple[float, int]]:
        found = {}
        for path in sorted(self._folder.rglob("*")):
            try:
                if path.is_file() and not path.is_symlink():
                    found[path] = path.stat().st_mtime, path.stat().st_size
            except OSError:  # it was removed in the meantime
                continue
        return found


@contextmanager
def uploading(uploads: list[ContinuousUpload], on_upload: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Uploads changes about every second during the block, and the last of them at its end, also after an error.

    `on_upload` is called after each upload during the block.
    """
    over = threading.Event()
    thread = threading.Thread(target=_keep_uploading, args=(uploads, on_upload, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for upload in uploads:
            upload.upload_changes()


def _keep_uploading(uploads: list[ContinuousUpload], on_upload: Callable[[], None], over: threading.Event) -> None:
    while uploads and not over.wait(_EVERY):
        for upload in uploads:
            try:
                if upload.upload_changes(time.time()):
                    on_upload()
            except (JobFailure, OSError):  # a failed upload is tried again; the one at the end raises
                continue
