"""A person's requests in live traffic, as far as they can be linked: by the inference ids of stored predictions.

A request that another client sent has no key. It expires with the other captured requests.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.forgetting.places import FoundObject
from tasks.profiles.compact import to_bytes
from tasks.rows import stored_rows
from tasks.rows.answer_columns import INFERENCE_ID, INFERENCE_ROW
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.scored_rows import EVENT, ROW, schema
from tasks.rows.stored_rows import RowFile
from tasks.sagemaker.data_capture import captures
from tasks.traffic import hours
from tasks.traffic.hours import Hour, HourKey

Prediction = tuple[str, int]
"""An inference id, or the folder of stored predictions, and the number of a row."""


@dataclass(frozen=True)
class Linked:
    """The predictions about a person."""

    requests: frozenset[Prediction]
    """By the inference id of the request, and the row in it."""
    folders: frozenset[Prediction]
    """By the folder of stored predictions, for endpoints that capture nothing."""

    def mask(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return the (n,) mask of scored rows of the person."""
        rows = batch.column(ROW).to_pylist()
        named = zip(batch.column(INFERENCE_ID).to_pylist(), rows, strict=True)
        stored = zip(batch.column(EVENT).to_pylist(), rows, strict=True)
        found = (a in self.requests or b in self.folders for a, b in zip(named, stored, strict=True))
        return np.fromiter(found, dtype=bool, count=len(rows))


def linked(objects: Sequence[FoundObject]) -> Linked:
    """Return the predictions among objects with the person's rows."""
    rows = [
        (each.folder.rpartition("/")[2], row)
        for each in objects
        if _is_traffic(each) and INPUT_ROW in each.rows.schema.names
        for row in each.rows.to_pylist()
    ]
    requests = {(row[INFERENCE_ID], row[INFERENCE_ROW]) for _, row in rows if row.get(INFERENCE_ID)}
    stored = {(folder, row.get(INFERENCE_ROW, row[INPUT_ROW])) for folder, row in rows}
    return Linked(frozenset(requests), frozenset(stored))


def _is_traffic(found: FoundObject) -> bool:
    """Whether an object is of `predict`, or a result of `score`: both may be stored as live traffic."""
    return found.place == "predictions" or (found.place == "scores" and "/results/" in found.folder)


def count(use_case: UseCase, person: Linked) -> int:
    """Return how many scored rows are the person's."""
    found = (mask for hour in hours.hours(use_case, shadows=True) for mask in _masks(hour, person))
    return sum(int(mask.sum()) for mask in found)


def remove(use_case: UseCase, person: Linked) -> None:
    """Remove the person's requests and scored rows. The profiles of their hours are made again. Safe to repeat."""
    if not (person.requests or person.folders):
        return
    if person.requests and captures(use_case):
        _collect(use_case)  # the other rows of a request are kept as scored rows only
    for hour in hours.hours(use_case, shadows=True):
        if any(mask.any() for mask in _masks(hour, person)):
            _replace(use_case, hour.key, person)
    _remove_captured(use_case, {name for name, _ in person.requests})


def _collect(use_case: UseCase) -> None:
    from tasks.traffic.collect import collect

    collect(use_case, datetime.now(UTC))


def _masks(hour: Hour, person: Linked) -> Iterator[np.ndarray]:
    for uri in hour.scored:
        for batch in storage.get_batches(uri, [EVENT, INFERENCE_ID, ROW]):
            yield person.mask(batch)


def _replace(use_case: UseCase, key: HourKey, person: Linked) -> None:
    """Store an hour without the person's rows, then delete the objects from before that it does not name."""
    folder = key.folder(use_case.name)
    while True:
        before, seen = hours.find(use_case.name, key)
        if before is None:
            return
        there = {f"{folder}/{name}" for name in storage.names(folder) if name != hours.DOCUMENT}
        after = _without(use_case, before, person)
        with suppress(storage.Changed):
            hours.replace(use_case.name, after, seen)
            storage.delete(sorted(there - set(after.objects)))
            return


def _without(use_case: UseCase, hour: Hour, person: Linked) -> Hour:
    """Write an hour's rows and profiles without the person's, and return the hour."""
    from tasks.traffic.hour_profiles import HourProfiles, together  # imports whylogs

    profiles, before = HourProfiles(use_case), 0
    with RowFile(schema(use_case)) as file:

        def kept() -> Iterator[pa.RecordBatch]:
            nonlocal before
            for uri in hour.scored:
                with stored_rows.opened(uri) as stored:
                    for batch in stored.iter_batches(columns=file.schema.names):
                        before += len(batch)
                        rows = batch.filter(pa.array(~person.mask(batch)))
                        file.write(rows)
                        yield rows

        sketches = profiles.of(together(kept()))
        counts = hour.counts.model_copy(update={"rows": hour.counts.rows - (before - file.rows)})
        folder, content = hour.key.folder(use_case.name), file.finished()
        changes: dict[str, Any] = {"counts": counts, "scored": (), "sketches": (), "profile": None, "segments": {}}
        if file.rows:
            changes["scored"] = (_put(f"{folder}/scored", "parquet", content.read()),)
            changes["sketches"] = (_put(f"{folder}/whylogs", "bin", sketches.to_bytes()),)
            changes["profile"] = _put(f"{folder}/profile", "bin", to_bytes(sketches.summary()))
            changes["segments"] = {
                name: _put(f"{folder}/profile-{digests.of_json(name)[:12]}", "bin", found)
                for name, found in profiles.segments().items()
            }
    return hour.model_copy(update=changes)


def _put(name: str, ending: str, content: bytes) -> str:
    uri = f"{name}-{digests.of_bytes(content)[:16]}.{ending}"
    storage.put(uri, content)
    return uri


def _remove_captured(use_case: UseCase, requests: set[str]) -> None:
    """Remove the captured lines of requests."""
    folder = locations.capture(use_case.name)
    for name in list(storage.names(folder)):
        lines = storage.get(uri := f"{folder}/{name}").splitlines(keepends=True)
        left = [line for line in lines if _inference_id(line) not in requests]
        if not left:
            storage.delete([uri])
        elif len(left) < len(lines):
            storage.put(uri, b"".join(left))


def _inference_id(line: bytes) -> str | None:
    with suppress(orjson.JSONDecodeError, AttributeError):
        found: str | None = orjson.loads(line).get("eventMetadata", {}).get("inferenceId")
        return found
    return None
