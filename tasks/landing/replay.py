"""Makes a version of the current one with corrected rows. Only the files that have such rows are written again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from pyiceberg.manifest import ManifestEntry

from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tasks import corrections, digests, heartbeats, names, storage
from tasks.landing import reading, snapshots
from tasks.landing.commit import Base, base_of, current_of
from tasks.landing.properties import VersionProperties
from tasks.landing.transaction import Stale, WrittenRows, attempts, commit
from tasks.progress import RowProgress, log
from tasks.references import DatasetVersion
from tasks.rows.corrections import Correction, Corrections
from tasks.rows.intake import NOT_DIGESTED, dataset_digest, described_schema
from tasks.rows.stored_rows import RowFile, only
from tasks.steps import code_digest


@dataclass(frozen=True)
class Replayed:
    """The version after a replay."""

    version: DatasetVersion
    rows: int
    """The number of corrected rows; 0 if the version is the one before."""
    unmatched: Sequence[Correction]
    """Those that are not released, because the version has other rows at their places."""


def replay(use_case: UseCase, chosen: Sequence[Correction]) -> Replayed:
    """Commit the current version with its rows corrected, and put the corrections in effect for the next ingest.

    Corrections that are in effect already are left out, so that it is safe to repeat. Raises MissingInput without a
    version, ConfigError when the version has other columns than the use case, and VishwaOpsError when other writers
    were faster each time.
    """
    for _ in attempts(use_case.name):
        base = base_of(use_case)
        version = _require_version(use_case, base)
        known = corrections.released(use_case.name, base.release)
        done = {each for correction in known for each in correction.ids}
        try:
            return _replay(use_case, base, version, known, [each for each in chosen if done.isdisjoint(each.ids)])
        except Stale as stale:
            log.info("release   %s; the rows are corrected again", stale)
    raise AssertionError  # `attempts` raises before


def _require_version(use_case: UseCase, base: Base) -> VersionProperties:
    if base.version is None:
        raise MissingInput(f"{use_case.name}: expected a dataset version; found none. Run ingest first")
    wanted = tuple(column.name for column in base.changes.columns)
    if base.changes or wanted != base.version.columns:
        raise ConfigError(
            f"{use_case.name}: expected the columns of version {base.version.digest}, found others in the use case. "
            "Land its rows with these columns first: vishwaops run ingest"
        )
    return base.version


def _replay(
    use_case: UseCase, base: Base, version: VersionProperties, known: Sequence[Correction], new: Sequence[Correction]
) -> Replayed:
    current, work = current_of(use_case, base), Corrections(new)
    if not new:
        return Replayed(current, 0, ())
    with reading.opened(current) as rows:
        written = _Rewriting(use_case, base, rows, work)
        try:
            digest = written.run()
        except BaseException:
            storage.delete(list(written.files))
            raise
        if not work.rows:
            return Replayed(current, 0, work.unmatched)
        applied = work.applied
        release = corrections.save_release(use_case.name, [*known, *applied])
        properties = replace(
            version,
            digest=digest if version.position is None else _of_increments(version, applied),
            rows=version.rows + work.mended,
            malformed=version.malformed - work.mended,
            run=heartbeats.current_run(),
            code=code_digest(),
            corrections=release,
        )
        committed = _commit(use_case, base, written, properties)
    return Replayed(committed, work.rows, work.unmatched)


def _of_increments(version: VersionProperties, applied: Sequence[Correction]) -> str:
    """Return the digest of a version of an incremental source: its rows are not read again from the beginning."""
    return digests.of_json([version.digest, [[each.place, each.original, each.cells] for each in applied]])


def _commit(use_case: UseCase, base: Base, written: "_Rewriting", properties: VersionProperties) -> DatasetVersion:
    rows = WrittenRows(
        files=list(written.files),
        schema=written.schema,
        columns=base.changes.columns,
        properties=properties,
        after=base.table.metadata.current_snapshot_id if base.table else None,
        requires_after=True,
        replaced=written.files if written.keeps_others else {},
        corrections=base.release,
        releases=properties.corrections,
    )
    try:
        return commit(use_case.name, rows)
    except Stale:
        storage.delete(rows.files)
        raise


class _Rewriting:
    """Reads a version's files, corrects their rows, and writes the files again that have corrected rows."""

    def __init__(self, use_case: UseCase, base: Base, rows: reading.Rows, work: Corrections) -> None:
        self._use_case, self._rows, self._work = use_case, rows, work
        self.schema, self._stamp = base.file_schema, names.stamp()
        self._entries = _entries(base)
        self.keeps_others = base.table is None or base.table.current_snapshot() == base.snapshot
        """Whether files without corrected rows stay: not if another engine has compacted them since."""
        self.files: dict[str, str] = {}
        """The new files, each with the one that it replaces."""

    def run(self) -> str:
        """Write the files, and return the digest of all rows."""
        digested = only(self._rows.schema, [name for name in self._rows.schema.names if name not in NOT_DIGESTED])
        rows, progress, first = digests.RowDigest(digested), RowProgress("release"), 0
        whole = not self.keeps_others
        for number, entry in enumerate(self._entries):
            before = self._work.rows
            for batch in self._corrected(number, first, self._work):
                rows.update(batch.drop_columns(list(NOT_DIGESTED)))
                progress.report(first)
            if whole or self._work.rows > before:
                self._write(number, first, entry)
            first += entry.data_file.record_count
        return dataset_digest(rows.hexdigest(), described_schema(self._use_case))

    def _corrected(self, number: int, first: int, work: Corrections) -> Iterator[pa.RecordBatch]:
        for batch in self._rows.batches_of(number):
            yield work.apply(batch, first)
            first += len(batch)

    def _write(self, number: int, first: int, entry: ManifestEntry) -> None:
        uri = snapshots.corrected_name(entry, self._stamp)
        with RowFile(self.schema) as file:
            for batch in self._corrected(number, first, self._work.again()):
                file.write(reading.as_schema(batch, self.schema))
            storage.put(uri, file.finished())
        self.files[uri] = entry.data_file.file_path


def _entries(base: Base) -> list[ManifestEntry]:
    if base.table is None or base.snapshot is None:
        return []
    return snapshots.entries_of(base.table, base.snapshot)
