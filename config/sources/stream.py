"""The keys that all streams have."""

from typing import Literal, Self

from pydantic import Field, model_validator

from config.documents import Integer, Number
from config.sources.written import WrittenSource


class StreamSource(WrittenSource):
    """How the records of a stream are read, and how many are landed together.

    Each record is one row. Its value is a JSON object with the columns as members, or one line of a delimited file with
    the use case's columns in order, or those of `header`. A record that is neither is a malformed row with its text.

    A column with the header `_key`, `_timestamp`, `_partition` or `_offset` has that of the record: its key as text,
    the time in ISO 8601 (UTC) at which it was written, its shard or partition, and its sequence number or offset.
    """

    value_format: Literal["json", "csv"] = "json"
    max_records: Integer = Field(default=10_000, ge=1, le=1_000_000)
    """A micro-batch is landed when it has this many records."""
    max_seconds: Number = Field(default=60.0, gt=0, le=3600)
    """A micro-batch with fewer records is landed after this time."""
    fail_on_data_loss: bool = True
    """Whether a reading fails when records may have been deleted before they were read, because they are older than the
    retention of the stream. If false, it continues with the oldest record, and logs what is missing."""

    @model_validator(mode="after")
    def _a_record_is_one_line(self) -> Self:
        for key in ("skip_lines", "comment"):
            if getattr(self, key):
                raise ValueError(f"{key}: expected none, because each record of a stream is one row; remove the key")
        return self
