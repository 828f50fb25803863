"""A clock that a test sets."""


class FakeClock:
    """Stands still until the test advances it. Times are seconds since 1970, UTC."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds
