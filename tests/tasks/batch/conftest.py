"""A champion that answers shards, and rows for it."""

from pathlib import Path

import pandas as pd
import pytest

from config.use_case import UseCase
from tasks import champion as champions
from tasks.references import Champion
from tests.sagemaker_local.support import archive
from tests.tasks.releases import new_release, new_use_case

# Answers yes for more than 20 hours, refuses ages beyond 30, and fails for hours of 1313.
SERVED = """
import io, json, os, time
import flask, numpy as np, pyarrow as pa, pyarrow.parquet as pq

def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept):
    assert content_type == "application/vnd.apache.parquet", content_type
    assert accept == "application/vnd.apache.arrow.stream; on_error=row", accept
    rows = pq.read_table(io.BytesIO(body))
    age = rows["age"].to_numpy()
    hours = rows["hours"].fill_null(0).to_numpy()
    if (hours == 1313).any():
        return flask.Response("thirteen", 400, mimetype="text/plain")
    bad = (age > 30) | np.isnan(age.astype(float))
    yes = 1 / (1 + np.exp(20 - hours))
    limits = {"column": "age", "expected": "a whole number from 10 to 30"}
    problem = [{"row": row, **limits, "found": str(a)} for row, a in enumerate(age)]
    table = pa.table({
        "prediction": pa.array(np.where(hours > 20, "yes", "no"), pa.string(), mask=bad),
        "probability_no": pa.array(1 - yes, mask=bad),
        "probability_yes": pa.array(yes, mask=bad),
        "error": pa.array([json.dumps({"problems": [p]}) if b else None for p, b in zip(problem, bad)], pa.string()),
    })
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue(), "application/vnd.apache.arrow.stream"
"""
COLUMNS = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer", "minimum": 10, "maximum": 30},
    "hours": {"type": "number", "header": "Hours", "nullable": True},
    "origin": {"type": "category", "categories": ["no", "yes"], "sensitive": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}


@pytest.fixture
def case(bucket: str) -> UseCase:
    """A new use case with a champion."""
    found = new_use_case(columns=COLUMNS, features=["age", "hours", "origin"])
    new_release(found, 0.9, body=archive(code__inference=SERVED))
    return found


@pytest.fixture
def champion(case: UseCase) -> Champion:
    """The champion of the use case."""
    found = champions.read(case)
    assert found is not None
    return found


def rows(count: int) -> pd.DataFrame:
    """(count, 5) rows as texts. Half of them pass."""
    return pd.DataFrame(
        {
            "id": [str(row + 1) for row in range(count)],
            "age": "15",
            "Hours": [repr(row * 40 / count) for row in range(count)],
            "origin": "yes",
            "passed": ["no" if row * 2 < count else "yes" for row in range(count)],
        }
    )


def written(folder: Path, frame: pd.DataFrame, name: str = "rows.csv") -> str:
    """The path of a CSV file of the rows."""
    frame.to_csv(folder / name, index=False)
    return str(folder / name)
