"""Labels, with the features that were known at their time."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.documents import Document, Number, repeats
from config.feature_store import GROUP
from config.sources.joined import JoinedSource, read_whole
from config.sources.location import LocationSource
from config.sources.package import PackageSource
from config.sources.sql import SqlSource
from config.sources.synthetic_survey import SurveySource
from config.sources.written import WrittenSource

Labels = Annotated[
    PackageSource | LocationSource | SurveySource | SqlSource | JoinedSource, Field(discriminator="kind")
]
"""A source that is read whole."""


class GroupColumns(Document):
    """The columns that a feature group adds to the labels."""

    use_case: str
    """The use case that writes the group."""
    group: str = Field(pattern=GROUP)
    features: tuple[str, ...] | dict[str, str] = Field(min_length=1)
    """The features to add; as `COLUMN: FEATURE` where their names differ."""
    maximum_age_in_days: Number | None = Field(default=None, gt=0)
    """Records that are older at the event, by their event time, are not used."""
    known: Literal["written", "event_time"] = "written"
    """From when a record is known: `written`, when it was in the Feature Store; or its `event_time`, for a history that
    was loaded afterwards, and whose event times are when the values were known."""

    @property
    def columns(self) -> dict[str, str]:
        """The feature of each column that is added."""
        return self.features if isinstance(self.features, dict) else {name: name for name in self.features}


class FeatureStoreSource(WrittenSource):
    """The rows of the labels, each with the features of its key that were known at its event time.

    The format here is that of a `--source` file, which has the columns of all parts.
    """

    kind: Literal["feature_store"]
    labels: Labels
    key: tuple[str, ...] = Field(min_length=1)
    """The columns of the labels that identify a record of the groups, in the order of the groups' keys."""
    event_time: str
    """The column of the labels with the time of the event: a date or a time in ISO 8601, in UTC if it has no offset."""
    groups: tuple[GroupColumns, ...] = Field(min_length=1)

    _whole = field_validator("labels")(read_whole)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if twice := repeats(name for group in self.groups for name in group.columns):
            raise ValueError(f"groups: expected each column once, found {', '.join(twice)} again")
        return self
