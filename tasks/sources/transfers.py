"""Shows how far a transfer is."""

import time

from tasks.progress import log

QUIET_SECONDS, SECONDS = 2.0, 5.0
"""The seconds before the first line, and between two lines."""


class Transfer:
    """Logs the amount of a transfer that takes longer than two seconds, every few seconds."""

    def __init__(self, what: str, total: int | None = None, unit: str = "MB") -> None:
        """`what` is transferred, without secrets. Amounts are bytes if the unit is MB."""
        self._what, self._unit, self.total = what, unit, total
        self._begun = time.monotonic()
        self._next = self._begun + QUIET_SECONDS

    def at(self, amount: int) -> None:
        """Show the amount until now, if a line is due."""
        if (now := time.monotonic()) < self._next:
            return
        self._next = now + SECONDS
        of = f" of {self._shown(self.total)}" if self.total else ""
        rate = self._shown(int(amount / (now - self._begun)))
        log.info("          %s: %s%s %s, %s a second", self._what, self._shown(amount), of, self._unit, rate)

    def _shown(self, amount: int) -> str:
        return f"{amount / 1e6:,.1f}" if self._unit == "MB" else f"{amount:,}"
