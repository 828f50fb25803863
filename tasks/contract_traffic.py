"""Requests with held-out rows, so that a deployment's alarms see the new version before people do."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tasks.progress import log
from tasks.references import DataSplit
from tasks.rows import shards
from tasks.rows.stored_rows import frame_of
from tasks.scoring import instances, json_rows

ROWS = 5
"""The rows of one request."""
DIFFERENT = 100
"""Requests with different rows; then they begin again."""
EVERY_MINUTES = 1 / 6
"""The least time between two requests. Six a minute are enough for an alarm with a period of a minute."""


class ContractTraffic:
    """Sends a request that fits the model's contract, at most one in `every` seconds, and counts the failures.

    A failure is not raised: the endpoint counts it, and its alarms decide about the deployment.
    """

    def __init__(self, use_case: UseCase, split: DataSplit, ask: Callable[[bytes], bytes], every: float) -> None:
        self.sent = self.failed = 0
        self._use_case, self._split, self._ask, self._every = use_case, split, ask, every
        self._next = 0.0
        self._bodies: Iterator[bytes] | None = None

    def send(self) -> None:
        """Send the request, unless the last one was sent a moment ago or the split has no rows any more."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every
        try:
            self._bodies = self._bodies or cycle(self._requests())
            body = next(self._bodies)
        except FileNotFoundError as error:
            log.warning("deploy    no contract requests: expected held-out rows, found none: %s", error)
            self._next = float("inf")
            return
        self._try(body)

    def report(self) -> None:
        """Log how many requests were sent. One is sent now when the deployment was too short for any."""
        if not self.sent:
            self.send()
        if self.sent:
            log.info("deploy    %d contract request(s) to the new version, %d failed", self.sent, self.failed)

    def _requests(self) -> list[bytes]:
        """The bodies, each with the next rows. Raises FileNotFoundError without rows."""
        features = list(self._use_case.request_columns)
        batch = next(shards.batches(self._split.test_uri, features), None)
        if batch is None or not len(batch):
            raise FileNotFoundError(f"{self._split.test_uri}: no rows")
        rows = json_rows(frame_of(batch)[features].head(ROWS * DIFFERENT), self._use_case.columns).to_pylist()
        return [instances(rows[first : first + ROWS]) for first in range(0, len(rows), ROWS)]

    def _try(self, body: bytes) -> None:
        self.sent += 1
        try:
            self._ask(body)
        except VishwaOpsError as error:
            self.failed += 1
            log.warning("deploy    a contract request failed, which the endpoint's alarms count: %s", error)
