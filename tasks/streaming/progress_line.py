"""The progress of a stream, in a line of the log every few seconds."""

from collections.abc import Callable
from time import monotonic

from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.sources.streams import Stream

EVERY_SECONDS = 5.0


class ProgressLine:
    """Counts what is read and landed, and logs it."""

    def __init__(self, stream: Stream, now: Callable[[], float] = monotonic) -> None:
        self._stream, self._now = stream, now
        self._records = self._new = self._commits = 0
        self._version: DatasetVersion | None = None
        self._next = now() + EVERY_SECONDS

    def read(self, records: int) -> None:
        """Count records that were read."""
        self._records += records
        self._new += records
        self._log_if_due()

    def landed(self, version: DatasetVersion) -> None:
        """Count the end of a micro-batch."""
        self._commits += self._version is None or version.digest != self._version.digest
        self._version, self._new = version, 0
        self._log_if_due()

    def _log_if_due(self) -> None:
        if self._now() < self._next:
            return
        self._next = self._now() + EVERY_SECONDS
        version = f"version {self._version.digest}" if self._version else "no version yet"
        log.info(
            "stream    %s: %s records read, %s of them not landed yet; %s; %s commits, %s",
            self._stream.describe(),
            f"{self._records:,}",
            f"{self._new:,}",
            self._stream.reader.lag(),
            f"{self._commits:,}",
            version,
        )
