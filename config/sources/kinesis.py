"""An Amazon Kinesis data stream."""

from typing import Literal

from pydantic import Field

from config.sources.stream import StreamSource


class KinesisSource(StreamSource):
    """An Amazon Kinesis data stream in the region of the profile. New records are added to the dataset."""

    kind: Literal["kinesis"]
    stream: str = Field(min_length=1, max_length=2048)
    """The name or the ARN."""
