"""A file at a path, in S3 or on the web."""

from typing import Literal

from config.sources.written import WrittenSource
from config.variables import expand


class LocationSource(WrittenSource):
    """A CSV or Parquet file at a path, an `s3://` or an `https://` address.

    Without `location`, each run needs `--source`.
    """

    kind: Literal["location"]
    location: str | None = None

    @property
    def readable(self) -> bool:
        """Whether a run without `--source` has rows to read."""
        return self.location is not None

    def address(self) -> str:
        """The location with its environment variables expanded: it may hold a secret.

        Raises ConfigError for a variable that is not set.
        """
        return expand(self.location or "", "source.location")
