"""A use case as the parameter of a Prefect task."""

from typing import Any

import pytest
from prefect.utilities.engine import collect_task_run_inputs_sync

from tests.use_cases import small_use_case

FILE = {"kind": "location", "location": "rows.csv"}


@pytest.mark.parametrize(
    "source",
    [
        FILE,
        {"kind": "s3_prefix", "location": "s3://exports/people/"},
        {"kind": "joined", "base": FILE, "joins": [{"source": FILE, "on": ["id"]}]},
        {"kind": "sql", "connection": "sqlite:///rows.db", "table": "rows"},
        {"kind": "rest", "location": "https://example.com/rows", "records": "$.data", "pages": {"by": "link"}},
        {"kind": "kinesis", "stream": "clicks"},
        {"kind": "kafka", "brokers": "b:9092", "topic": "clicks"},
    ],
    ids=lambda source: source["kind"],
)
def test_prefect_can_look_into_every_kind_of_source(source: dict[str, Any]) -> None:
    """Prefect makes a dict of each Pydantic model, so no model may have an attribute named `keys`."""
    assert collect_task_run_inputs_sync(small_use_case(source=source)) == set()
