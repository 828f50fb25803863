"""Writes predictions as an Arrow IPC stream of one batch, a row for each row of the request.

The columns are `prediction`; `probability_<class>` in the order of the contract's classes; with `intervals=true`
`interval_low` and `interval_high`, or `in_set_<class>`, true for a class in the set; with `reasons=N` `reason_1`
and `contribution_1` to N; with `on_error=row` `error`, the problems as JSON. Cells without a value are null. With
`version=true` the schema's metadata has `model_digest` and `model_version`.
"""

import numpy as np
import pyarrow as pa

from serving.predictions import Intervals, Predictions
from serving.writers.json_answer import error_text

PREDICTION, PROBABILITY, REASON, CONTRIBUTION, ERROR = "prediction", "probability_", "reason_", "contribution_", "error"
LOW, HIGH, IN_SET = "interval_low", "interval_high", "in_set_"


def arrow_body(found: Predictions) -> bytes:
    """Return the stream."""
    columns = _columns(found)
    if found.rows is not None:
        columns = _with_other_rows(columns, found)
    if found.row_errors:
        columns[ERROR] = _errors(found)
    metadata = {"model_digest": found.version.digest, "model_version": found.version.version} if found.version else None
    batch = pa.RecordBatch.from_arrays(list(columns.values()), list(columns)).replace_schema_metadata(metadata)
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(stream.getvalue().to_pybytes())


def _columns(found: Predictions) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    if found.classes:
        columns[PREDICTION] = pa.array(found.classes, pa.string()).take(pa.array(found.best))
        for number, name in enumerate(found.classes):
            columns[f"{PROBABILITY}{name}"] = _doubles(found.output[:, number])
    else:
        columns[PREDICTION] = _doubles(found.output)
    if isinstance(found.intervals, Intervals):
        columns |= {LOW: _doubles(found.intervals.low), HIGH: _doubles(found.intervals.high)}
    elif found.intervals:
        members = found.intervals.members
        columns |= {f"{IN_SET}{name}": pa.array(members[:, number]) for number, name in enumerate(found.classes)}
    if found.reasons:
        names = pa.array(found.reasons.columns, pa.string())
        for number in range(found.reasons.places.shape[1]):
            columns[f"{REASON}{number + 1}"] = names.take(pa.array(found.reasons.places[:, number]))
            columns[f"{CONTRIBUTION}{number + 1}"] = _doubles(found.reasons.contributions[:, number])
    return columns


def _doubles(values: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values, dtype="float64"))


def _with_other_rows(columns: dict[str, pa.Array], found: Predictions) -> dict[str, pa.Array]:
    places = np.zeros(found.count, dtype="int64")
    without = np.ones(found.count, dtype=bool)
    places[found.rows] = np.arange(len(found.output))
    without[found.rows] = False
    taken = pa.array(places, mask=without)
    return {name: column.take(taken) for name, column in columns.items()}


def _errors(found: Predictions) -> pa.Array:
    texts: list[str | None] = [None] * found.count
    for row, problems in found.problems.items():
        texts[row] = error_text(problems)
    return pa.array(texts, pa.string())
