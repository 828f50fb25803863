"""The log of progress lines: one line per step, with its main figure."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger("vishwaops")
log.setLevel(logging.INFO)

CHATTY = ("sagemaker.config", "mlflow.store.db.utils", "great_expectations.data_context.types.base")
"""Libraries that set their own level to INFO when they are imported."""

for name in CHATTY:
    logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)

SILENT_SECONDS, SECONDS_BETWEEN_LINES = 2.0, 5.0


class RowProgress:
    """Logs the rows so far and the rows per second of a step that takes longer than SILENT_SECONDS."""

    def __init__(self, step: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._step, self._clock = step, clock
        self._begun = clock()
        self._next = self._begun + SILENT_SECONDS

    def report(self, rows: int) -> None:
        """Log the number of rows so far, if it is time for a line."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + SECONDS_BETWEEN_LINES
        log.info("%-9s %s rows so far, %s rows/s", self._step, f"{rows:,}", f"{rows / (now - self._begun):,.0f}")
