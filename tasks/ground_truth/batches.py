"""The list of the batches of ground truth of a use case, in the order of their arrival.

The list is the only commit point: an object that it does not name is not part of the ground truth. It changes by
conditional writes. So a killed process leaves either the list before or the one after.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tasks import locations, storage
from tasks.references.ground_truth import GroundTruthBatch
from tasks.storage import Changed

ATTEMPTS = 20
"""How often a list that another process changes meanwhile is tried again."""


class BatchRecord(BaseModel):
    """One batch: its figures and its objects."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    source: str
    received: datetime
    rows: int
    new: int
    duplicates: int
    corrected: int
    without_target: int
    quarantined: int
    reasons: tuple[str, ...] = ()
    object: str | None = None
    """The name of the Parquet file of the taken rows, below `batches/`."""
    quarantine: str | None = None
    """The name of the Parquet file of the other rows, below `quarantine/`."""
    forgotten: int = 0
    """The rows that were removed because a person asked to be forgotten."""

    @property
    def objects(self) -> tuple[tuple[str, str | None], ...]:
        """The folder and the name of its objects."""
        return ("batches", self.object), ("quarantine", self.quarantine)

    def reference(self, use_case: str, *, landed_before: bool) -> GroundTruthBatch:
        """Return the batch as a reference."""
        counts = self.model_dump(exclude={"object", "quarantine", "forgotten"})
        return GroundTruthBatch(
            use_case=use_case,
            uri=locations.ground_truth_batch(use_case, self.object) if self.object else None,
            quarantine_uri=locations.ground_truth_quarantine(use_case, self.quarantine) if self.quarantine else None,
            landed_before=landed_before,
            **counts,
        )


class BatchList(BaseModel):
    """The batches of a use case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batches: tuple[BatchRecord, ...] = ()
    files: tuple[str, ...] = ()
    """The digests of name and version of the files of folders and prefixes that were read."""

    def find(self, digest: str) -> BatchRecord | None:
        """Return the batch with this digest."""
        return next((each for each in self.batches if each.digest == digest), None)

    def batch(self, digest: str) -> BatchRecord:
        """Return the batch with this digest. Raises KeyError when there is none."""
        if (found := self.find(digest)) is None:
            raise KeyError(digest)
        return found

    def with_batch(self, batch: BatchRecord) -> "BatchList":
        """Return the list with one more batch."""
        return self.model_copy(update={"batches": (*self.batches, batch)})

    def with_file(self, token: str | None) -> "BatchList":
        """Return the list with one more file that was read."""
        if token is None or token in self.files:
            return self
        return self.model_copy(update={"files": (*self.files, token)})


def load(use_case: str) -> BatchList:
    """Return the list of a use case; an empty one if there is none."""
    return _loaded(use_case)[0]


def _loaded(use_case: str) -> tuple[BatchList, str | None]:
    uri = locations.ground_truth_list(use_case)
    try:
        content, version = storage.get_version(uri)
    except FileNotFoundError:
        return BatchList(), None
    return storage.parsed(uri, content, BatchList), version


def change(use_case: str, changed: Callable[[BatchList], BatchList]) -> tuple[BatchList, BatchList]:
    """Change the list, and return it before and after. `changed` is called again when another process was faster.

    Nothing is written when it returns an equal list. Raises Changed when others are always faster.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _change(use_case, changed)
        except Changed:
            continue
    return _change(use_case, changed)


def _change(use_case: str, changed: Callable[[BatchList], BatchList]) -> tuple[BatchList, BatchList]:
    before, version = _loaded(use_case)
    if (after := changed(before)) != before:
        storage.put_if(locations.ground_truth_list(use_case), after.model_dump_json(indent=1).encode(), version)
    return before, after
