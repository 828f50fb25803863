"""Scored rows of the small use case, made without a model."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from config.use_case import UseCase
from tasks.rows.scored_rows import schema
from tests.use_cases import small_use_case

HOUR = datetime(2026, 11, 27, 9, tzinfo=UTC)


def segmented(*segments: str, **changes: Any) -> UseCase:
    """The small use case, whose traffic is profiled by segments."""
    monitoring = {**small_use_case().monitoring.model_dump(), "segments": segments}
    return small_use_case(monitoring=monitoring, **changes)


def scored_batch(use_case: UseCase, colours: list[str | None], event: str = "e1") -> pa.RecordBatch:
    """A request's rows of these colours, with its answer."""
    answer = {"prediction": "no", "probability_no": 0.75, "probability_yes": 0.25}
    rows = [
        {"event_id": event, "row": row, "time": HOUR, "age": 10 + row, "colour": colour, **answer}
        for row, colour in enumerate(colours)
    ]
    return pa.RecordBatch.from_pylist(rows, schema(use_case))
