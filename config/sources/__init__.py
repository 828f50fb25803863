"""The source of a use case's rows: a module for each `kind`, with the Pydantic class of its keys."""

from typing import Annotated

from pydantic import Field

from config.sources.kafka import KafkaSource
from config.sources.kinesis import KinesisSource
from config.sources.location import LocationSource
from config.sources.package import PackageSource
from config.sources.synthetic_survey import SurveySource

__all__ = ["KafkaSource", "KinesisSource", "LocationSource", "PackageSource", "Source", "SurveySource"]

Source = Annotated[
    PackageSource | LocationSource | SurveySource | KinesisSource | KafkaSource, Field(discriminator="kind")
]
