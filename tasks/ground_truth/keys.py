"""Finds the predictions of keys: stored predictions have the key beside the InferenceId and the row of the request."""

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import locations, storage
from tasks import names as stamps
from tasks.ground_truth.columns import INFERENCE_ID, INFERENCE_ROW, KEY, ROW

PREDICTED = "predicted"
"""The column with the time of a prediction."""


def names(use_case: UseCase, since: datetime | None = None) -> list[str]:
    """Return the names of the folders of predictions, by default of all time, oldest first."""
    folder = locations.predictions(use_case.name, "").rstrip("/")
    found = [name for name in storage.versions(folder) if stamps.time_of(name)]
    return since_of(found, since) if since else found


def since_of(folders: list[str], moment: datetime) -> list[str]:
    """Return those of the folders that were stored at a moment or later."""
    return [name for name in folders if name >= stamps.stamp_time(moment)]


def key_predictions(use_case: UseCase, folders: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield which prediction was made of which key, in batches: key, InferenceId, row, and when.

    Predictions of earlier versions, which have no InferenceId, and those of held-out rows are left out.
    So are those that were deleted.
    """
    for name in folders:
        folder = locations.predictions(use_case.name, name)
        if (storage.find_manifest(folder) or {}).get(locations.HELD_OUT):
            continue
        try:
            with storage.opened(f"{folder}/predictions.parquet") as file:
                yield from _batches(use_case, pq.ParquetFile(file), stamps.time_of(name))
        except FileNotFoundError:  # it has expired, or was deleted
            continue


def _batches(use_case: UseCase, file: pq.ParquetFile, moment: datetime | None) -> Iterator[pa.RecordBatch]:
    wanted = [*use_case.key, INFERENCE_ID, INFERENCE_ROW]
    if not set(wanted) <= set(file.schema_arrow.names):
        return
    for batch in file.iter_batches(columns=wanted):
        when = pa.repeat(pa.scalar(moment and moment.replace(tzinfo=None), pa.timestamp("us")), len(batch))
        columns = [*(batch[name] for name in wanted[:-1]), batch[INFERENCE_ROW].cast(pa.int64()), when]
        renamed = [*(f"{KEY}{name}" for name in use_case.key), INFERENCE_ID, ROW, PREDICTED]
        yield pa.RecordBatch.from_arrays(columns, names=renamed)
