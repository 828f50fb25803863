"""A bound on a metric."""

from config.documents import Document, Number


class Bound(Document):
    """A bound on one metric: the least or the greatest value that is good enough. Its classes say which it may have."""

    metric: str
    at_least: Number | None = None
    at_most: Number | None = None

    def passes(self, value: float) -> bool:
        """Whether `value` is within the bound."""
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)

    def __str__(self) -> str:
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return f"{self.metric} {bound}"
