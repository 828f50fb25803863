"""The files below a prefix in S3, of which each run reads the new ones."""

from typing import Literal

from pydantic import Field

from config.sources.written import WrittenSource
from config.variables import expand


class S3PrefixSource(WrittenSource):
    """The objects below `s3://BUCKET/PREFIX/`. Each run reads those that no run has read, and adds their rows.

    Objects and folders whose names begin with `.` or `_`, and empty objects, are left out.
    """

    kind: Literal["s3_prefix"]
    location: str
    """`s3://BUCKET/PREFIX/`."""
    pattern: str = Field(default="*", min_length=1)
    """A pattern of the keys below the prefix, such as `2024-*/*.csv`. `*` also fits `/`."""
    changed: Literal["refuse", "add"] = "refuse"
    """What happens when an object that was read has another content: the run is refused, or its rows are added too."""
    missing_columns: Literal["refuse", "empty"] = "refuse"
    """What happens to a file without a column of the use case: it is refused, or the column is missing in its rows."""
    extra_columns: Literal["leave_out", "refuse"] = "leave_out"
    """What happens to a column that the first file does not have and the use case does not list."""

    def address(self) -> str:
        """The location with its environment variables expanded. Raises ConfigError for a variable that is not set."""
        return expand(self.location, "source.location")
