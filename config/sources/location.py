"""A file at a path, in S3 or on the web."""

from typing import Literal, Self

from pydantic import Field, model_validator

from config.sources.written import WrittenSource
from config.variables import expand


class LocationSource(WrittenSource):
    """A file of rows at a path, an `s3://` or an `https://` address. Its content says of what kind it is.

    CSV, JSON Lines, Parquet, Arrow or a workbook, also compressed. Without `location`, each run needs `--source`.
    """

    kind: Literal["location"]
    location: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-fA-F]{64}$")
    """The SHA-256 of the file at `location`. Another file is refused before anything is read."""

    @model_validator(mode="after")
    def _checksum_has_a_file(self) -> Self:
        if self.sha256 is not None and self.location is None:
            raise ValueError("sha256: expected the `location` of the file too, found none")
        return self

    @property
    def readable(self) -> bool:
        """Whether a run without `--source` has rows to read."""
        return self.location is not None

    def address(self) -> str:
        """The location with its environment variables expanded: it may hold a secret.

        Raises ConfigError for a variable that is not set.
        """
        return expand(self.location or "", "source.location")
