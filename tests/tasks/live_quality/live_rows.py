"""Stored hours of scored rows for tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import storage
from tasks.platform import platform
from tasks.references.monitoring import TrafficCounts
from tasks.rows.scored_rows import schema
from tasks.traffic.hours import Hour, find, replace


def scored_rows(case: UseCase, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Scored rows; columns that a row does not have are null, `row` is 0, and `event_id` is the InferenceId."""
    known = [{"row": 0, "event_id": f"event-{row['inference_id']}", **row} for row in rows]
    wanted = schema(case)
    return pa.table({field.name: pa.array([row.get(field.name) for row in known], field.type) for field in wanted})


def store_hour(case: UseCase, start: datetime, rows: Sequence[dict[str, Any]], version: int = 1) -> Hour:
    """Store an hour with these scored rows, after those that it has."""
    hosted = f"{case.slug}-v{version}-abcdef"
    empty = Hour(hosted=hosted, version=version, variant=platform().variant, start=start, read=start)
    before, seen = find(case.name, empty.key)
    before = before or empty
    file = pa.BufferOutputStream()
    pq.write_table(scored_rows(case, [{"time": start, **row} for row in rows]), file)
    address = f"{empty.key.folder(case.name)}/scored-{len(before.scored)}.parquet"
    storage.put(address, file.getvalue().to_pybytes())
    counts = before.counts + TrafficCounts(rows=len(rows))
    hour = before.model_copy(update={"scored": (*before.scored, address), "counts": counts})
    replace(case.name, hour, seen)
    return hour
