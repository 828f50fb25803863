"""The source of a use case's rows: a module for each `kind`, with the Pydantic class of its keys."""

from typing import Annotated

from pydantic import Field

from config.sources.feature_store import FeatureStoreSource
from config.sources.joined import JoinedSource
from config.sources.kafka import KafkaSource
from config.sources.kinesis import KinesisSource
from config.sources.location import LocationSource
from config.sources.package import PackageSource
from config.sources.rest import RestSource, Since
from config.sources.s3_prefix import S3PrefixSource
from config.sources.sql import SqlSource
from config.sources.synthetic_choices import ChoicesSource
from config.sources.synthetic_survey import SurveySource

__all__ = [
    "ChoicesSource",
    "FeatureStoreSource",
    "JoinedSource",
    "KafkaSource",
    "KinesisSource",
    "LocationSource",
    "PackageSource",
    "RestSource",
    "S3PrefixSource",
    "Since",
    "Source",
    "SqlSource",
    "SurveySource",
]

Source = Annotated[
    PackageSource
    | LocationSource
    | S3PrefixSource
    | RestSource
    | SqlSource
    | JoinedSource
    | FeatureStoreSource
    | KinesisSource
    | KafkaSource
    | SurveySource
    | ChoicesSource,
    Field(discriminator="kind"),
]
