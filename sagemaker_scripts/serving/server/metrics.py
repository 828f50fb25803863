"""What the server counts, in Prometheus' text format (version 0.0.4)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds."""
_PREFIX = "model_server"


class Metrics:
    """Counts since the server started."""

    def __init__(self) -> None:
        self.requests = Counter[int]()
        self.rows = 0
        self.restarts = Counter[str]()
        self._times = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0

    def answered(self, status: int, rows: int, seconds: float) -> None:
        """Count an answer of a worker."""
        self.requests[status] += 1
        self.rows += rows
        self._times[bisect_left(_BUCKETS, seconds)] += 1
        self._seconds += seconds

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Return all counts, and the given gauges: by name, what they mean and their present value."""
        statuses = {f'{{status="{status}"}}': count for status, count in sorted(self.requests.items())}
        restarts = {f'{{process="{name}"}}': self.restarts[name] for name in ("worker", "loader")}
        lines = [
            *_family("requests_total", "counter", "Requests to /invocations, by the status of the response.", statuses),
            *_family("rows_total", "counter", "Rows that were predicted.", {"": self.rows}),
            *_family("restarts_total", "counter", "Processes that ended and were started again.", restarts),
            *self._histogram(),
        ]
        for name, (meaning, value) in gauges.items():
            lines += _family(name, "gauge", meaning, {"": value})
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        samples, total = dict[str, float](), 0
        for bound, count in zip((*map(str, _BUCKETS), "+Inf"), self._times, strict=True):
            total += count
            samples[f'_bucket{{le="{bound}"}}'] = total
        samples |= {"_sum": round(self._seconds, 6), "_count": total}
        meaning = "Seconds from a request's last byte to its answer."
        return _family("request_seconds", "histogram", meaning, samples)


def _family(name: str, kind: str, meaning: str, samples: Mapping[str, float]) -> list[str]:
    full = f"{_PREFIX}_{name}"
    return [f"# HELP {full} {meaning}", f"# TYPE {full} {kind}", *(f"{full}{key} {samples[key]}" for key in samples)]
