"""Removes the ground truth of persons: from the batches, their quarantine, and the inbox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import batches
from tasks.ground_truth.arrivals import taken_arrivals
from tasks.ground_truth.batches import BatchList, BatchRecord
from tasks.ground_truth.columns import INFERENCE_ID, KEY, ROW
from tasks.model_contract import TEXT
from tasks.rows.stored_rows import RowFile
from tasks.rows.whole_cells import whole_cell

ABANDONED = timedelta(hours=1)
"""The age of an object that no list names, after which the process that wrote it has ended."""


@dataclass(frozen=True)
class Identities:
    """What identifies the rows of persons."""

    keys: tuple[tuple[Any, ...], ...] = ()
    """The values of the use case's key, each in the order of its columns."""
    inferences: tuple[tuple[str, int], ...] = ()
    """The InferenceIds and rows of predictions about them."""


@dataclass(frozen=True)
class Forgotten:
    """What was removed."""

    rows: int = 0
    quarantined: int = 0
    batches: int = 0
    """The batches that had some of these rows."""
    files: tuple[str, ...] = field(default=())
    """The files of the inbox that were deleted: their rows had been taken."""


def forget(use_case: UseCase, identities: Identities, *, dry_run: bool = False) -> Forgotten:
    """Remove the ground truth of persons, and return what was removed; with `dry_run` only what would be.

    Each batch keeps its digest and its place. So a file that was taken before does not bring the rows back. A call that
    was killed is completed by another one.
    """
    removed = _Removal(use_case, identities)
    files = _taken_files(use_case)
    if dry_run:
        removed.without(batches.load(use_case.name), store=False)
        return removed.found(files)
    batches.change(use_case.name, lambda known: removed.without(known, store=True))
    _delete_unnamed(use_case.name)
    storage.delete(files)
    return removed.found(files)


class _Removal:
    """The batches without the rows of persons."""

    def __init__(self, use_case: UseCase, identities: Identities) -> None:
        self._use_case, self._identities = use_case, identities
        self._rows = self._quarantined = self._batches = 0

    def found(self, files: Sequence[str]) -> Forgotten:
        return Forgotten(self._rows, self._quarantined, self._batches, tuple(files))

    def without(self, known: BatchList, *, store: bool) -> BatchList:
        """Return the list whose batches have none of the rows. With `store`, write their new objects."""
        self._rows = self._quarantined = self._batches = 0
        return known.model_copy(update={"batches": tuple(self._without(each, store) for each in known.batches)})

    def _without(self, batch: BatchRecord, store: bool) -> BatchRecord:
        taken, rows = self._rewritten(batch, batch.object, locations.ground_truth_batch, self._of_taken, store)
        aside, others = self._rewritten(
            batch, batch.quarantine, locations.ground_truth_quarantine, self._of_quarantined, store
        )
        self._rows, self._quarantined = self._rows + rows, self._quarantined + others
        self._batches += bool(rows or others)
        changes = {"object": taken, "quarantine": aside, "forgotten": batch.forgotten + rows + others}
        return batch.model_copy(update=changes | ({"reasons": ()} if others else {})) if rows or others else batch

    def _rewritten(
        self,
        batch: BatchRecord,
        object_name: str | None,
        place: Callable[[str, str], str],
        matches: Callable[[pa.Table], np.ndarray],
        store: bool,
    ) -> tuple[str | None, int]:
        """Return the name of an object without the rows, None if no row is left, and the number of the rows."""
        if object_name is None:
            return None, 0
        with storage.opened(place(self._use_case.name, object_name)) as file:
            table = pq.read_table(file)
        mask = matches(table)
        if not mask.any():
            return object_name, 0
        if mask.all():
            return None, int(mask.sum())
        renamed = f"{batch.digest}-{batch.forgotten + int(mask.sum())}.parquet"
        if store:
            with RowFile(table.schema) as rest:
                for part in table.filter(pa.array(~mask)).to_batches():
                    rest.write(part)
                storage.put(place(self._use_case.name, renamed), rest.finished())
        return renamed, int(mask.sum())

    def _of_taken(self, table: pa.Table) -> np.ndarray:
        """Return the (n,) mask of the taken rows that are about the persons."""
        found = np.zeros(table.num_rows, dtype=bool)
        for inference, row in self._identities.inferences:
            same = pc.and_(pc.equal(table[INFERENCE_ID], inference), pc.equal(table[ROW], row))
            found |= _mask(same)
        names = [f"{KEY}{name}" for name in self._use_case.key]
        for key in self._identities.keys if names and set(names) <= set(table.column_names) else ():
            same_key = [
                _mask(pc.equal(table[name].cast(pa.string()), str(part))) for name, part in zip(names, key, strict=True)
            ]
            found |= np.logical_and.reduce(same_key)
        return found

    def _of_quarantined(self, table: pa.Table) -> np.ndarray:
        """Return the (n,) mask of the other rows, whose cells are texts as they were sent."""
        found = np.zeros(table.num_rows, dtype=bool)
        for inference, _ in self._identities.inferences:
            found |= _has(table, INFERENCE_ID, inference)
        for key in self._identities.keys:
            texts = [str(part) for part in key]
            parts = [_has(table, name, text) for name, text in zip(self._use_case.key, texts, strict=True)]
            found |= np.logical_and.reduce(parts) | _malformed(table, texts)
        return found


def _has(table: pa.Table, name: str, text: str) -> np.ndarray:
    if name not in table.column_names:
        return np.zeros(table.num_rows, dtype=bool)
    return _mask(pc.equal(pc.utf8_trim_whitespace(table[name].cast(pa.string())), text))


def _malformed(table: pa.Table, texts: Sequence[str]) -> np.ndarray:
    """Return the mask of the malformed rows whose text has each part of a key as a whole cell."""
    return np.asarray(
        np.logical_and.reduce([_mask(pc.match_substring_regex(table[TEXT], whole_cell(text))) for text in texts])
    )


def _mask(values: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.fill_null(values, False).to_numpy(), dtype=bool)


def _delete_unnamed(use_case: str) -> None:
    """Delete the objects that the list does not name: former ones of its batches, and those of killed landings."""
    known, now = batches.load(use_case), datetime.now(UTC)
    digests = {each.digest for each in known.batches}
    named = {f"batches/{each.object}" for each in known.batches} | {
        f"quarantine/{each.quarantine}" for each in known.batches
    }
    folder = locations.ground_truth(use_case)
    unnamed = [
        f"{folder}/{item.name}"
        for item in storage.listed(folder)
        if item.name.startswith(("batches/", "quarantine/"))
        and item.name not in named
        and (_digest_of(item.name) in digests or now - item.written > ABANDONED)
    ]
    storage.delete(unnamed)


def _digest_of(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".parquet").partition("-")[0]


def _taken_files(use_case: UseCase) -> list[str]:
    """Return the files of the inbox that were taken."""
    return [each.address for each in taken_arrivals(use_case)]
