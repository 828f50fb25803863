"""Lands a source's rows as a dataset version, by one commit of the use case's table.

A whole source replaces the rows of the version before it. An incremental source adds rows, and its position is in the
same commit: so each row lands once, whatever ends the process when.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from config.errors import ConfigError, NoRows
from config.use_case import UseCase
from tasks import corrections, digests, heartbeats, locations, names, storage
from tasks.landing import reading, snapshots
from tasks.landing.columns import columns_of, file_schema
from tasks.landing.evolution import Changes, changes, new_schema
from tasks.landing.part_files import PartFiles
from tasks.landing.properties import VersionProperties
from tasks.landing.spark_intake import SparkIntake, SparkParts
from tasks.landing.table import find_table
from tasks.landing.transaction import Stale, WrittenRows, attempts, commit, evolve
from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.rows.corrections import Corrections
from tasks.rows.intake import Intake
from tasks.sources.source import Incremental, Position, Source
from tasks.steps import code_digest

SHOWN_MALFORMED = 3
SHOWN_CORRECTIONS = 3
DATA, NO_RUN = "data", "no-run"
"""The folder of the part files below the table's, and the name of no run in theirs."""


@dataclass(frozen=True)
class Base:
    """The table as it is when a source is read."""

    table: Table | None
    snapshot: Snapshot | None
    version: VersionProperties | None
    changes: Changes
    """What the table needs before it takes the use case's rows."""

    @property
    def release(self) -> str | None:
        """The name of the corrections in effect."""
        return corrections.release_of(self.table)

    @property
    def file_schema(self) -> pa.Schema:
        """The schema of new part files, with the ids that the table's columns have or will have."""
        schema = new_schema(self.changes.columns)
        if self.table is not None:
            planned = self.table.transaction()
            evolve(planned, self.changes)
            schema = planned.table_metadata.schema()
        return file_schema(schema, [column.name for column in self.changes.columns])


def land(use_case: UseCase, source: Source) -> DatasetVersion:
    """Land a source's rows as a dataset version, and return it.

    Equal rows are the same version: then nothing is written. Raises SourceError when the source can't be read or lacks
    a column, NoRows when it has no rows yet, ConfigError when the table can't take the use case's columns, and
    VishwaOpsError when other writers were faster each time.
    """
    for _ in attempts(use_case.name):
        base = base_of(use_case)
        try:
            if isinstance(source, Incremental):
                return _land_increment(use_case, base, source)
            return _land_rows(use_case, base, source, None)
        except Stale as stale:
            log.info("ingest    %s; they are read again", stale)
    raise AssertionError  # `attempts` raises before


def base_of(use_case: UseCase) -> Base:
    """Return the table as it is now."""
    table, columns = find_table(use_case.name), columns_of(use_case)
    snapshot, version = snapshots.current(table) or (None, None)
    needed = changes(use_case.name, table.schema(), columns) if table else Changes(tuple(columns))
    return Base(table, snapshot, version, needed)


def _land_increment(use_case: UseCase, base: Base, source: Incremental) -> DatasetVersion:
    """Land the rows after the current version's position; all rows when that version is of another kind of source."""
    before = base.version
    if before is None or before.position is None or before.source_kind != use_case.source.kind:
        return _land_rows(use_case, base, source.after(None), None)
    return _land_rows(use_case, base, source.after(before.position), before)


def _land_rows(use_case: UseCase, base: Base, source: Source, before: VersionProperties | None) -> DatasetVersion:
    """Land rows after those of the version `before`, or instead of all rows."""
    fixed = Corrections(() if before else corrections.released(use_case.name, base.release))
    folder, schema = _new_folder(use_case.name), base.file_schema
    intake, reader = _reader(use_case, source, folder, schema, fixed)
    with reader as parts:
        intake.into(parts)
        found = intake.rows + intake.malformed
        properties = _properties(use_case, source, intake, before)
        if _is_same(base, properties, before, found):
            return _reported(intake, source, current_of(use_case, base), fixed, new=False)
        if before is None and not found:
            raise NoRows(f"{source.describe()}: expected rows, found none yet. Run again when there are some")
        files = parts.finished()
    earlier = _rewritten(use_case, base, folder, schema) if before and base.changes.widened else []
    rows = WrittenRows(
        files=[*earlier, *files],
        schema=schema,
        columns=base.changes.columns,
        properties=properties,
        after=base.table.metadata.current_snapshot_id if base.table else None,
        requires_after=isinstance(source, Incremental),
        keeps_earlier=before is not None and not earlier,
        corrections=base.release,
    )
    try:
        return _reported(intake, source, commit(use_case.name, rows), fixed, new=True)
    except Stale:
        storage.delete(rows.files)
        raise


def _reader(use_case: UseCase, source: Source, folder: str, schema: pa.Schema, fixed: Corrections) -> tuple[Any, Any]:
    """Return what reads the source by the use case's engine, and the part files that it writes."""
    if use_case.engine != "spark":
        return Intake(use_case, source, fixed), PartFiles(folder, schema)
    if fixed:
        raise ConfigError(
            f"{use_case.name}: engine: expected local, because people have corrected rows, which a Spark job does not "
            "replace; found spark"
        )
    return SparkIntake(use_case, source, folder, schema), SparkParts()


def _is_same(base: Base, properties: VersionProperties, before: VersionProperties | None, found: int) -> bool:
    """Whether the rows make no new version: equal rows, or no row after those of the version `before`."""
    if before is not None:
        return not found and not base.changes
    return base.version is not None and base.version.digest == properties.digest


def current_of(use_case: UseCase, base: Base) -> DatasetVersion:
    """Return the current version. Raises LookupError when there is none."""
    if base.table is None or base.snapshot is None or base.version is None:
        raise LookupError(f"{use_case.name}: expected a version; found none")
    return snapshots.reference(use_case.name, base.table, base.snapshot, base.version)


def _properties(
    use_case: UseCase, source: Source, intake: Intake | SparkIntake, before: VersionProperties | None
) -> VersionProperties:
    position = source.position() if isinstance(source, Incremental) else None
    return VersionProperties(
        digest=_digest(intake, before, position),
        source=source.describe(),
        rows=intake.rows + (before.rows if before else 0),
        malformed=intake.malformed + (before.malformed if before else 0),
        columns=tuple(intake.schema.names),
        left_out=tuple(intake.left_out),
        position=position,
        source_kind="" if position is None else use_case.source.kind,
        run=heartbeats.current_run(),
        code=code_digest(),
    )


def _digest(intake: Intake | SparkIntake, before: VersionProperties | None, position: Position | None) -> str:
    """Return the digest of a version. Equal rows with another position are another version."""
    if before is not None:
        return digests.of_json([before.digest, intake.digest])
    return intake.digest if position is None else digests.of_json([position, intake.digest])


def _new_folder(use_case: str) -> str:
    """The folder of one ingest's files, with the run that it belongs to. Folders are in the order of time."""
    return f"{locations.table(use_case)}/{DATA}/{names.stamp()}_{heartbeats.current_run() or NO_RUN}"


def _rewritten(use_case: UseCase, base: Base, folder: str, schema: pa.Schema) -> list[str]:
    """Write the current version's rows again with the new types, and return the files."""
    with reading.opened(current_of(use_case, base)) as rows, PartFiles(f"{folder}/earlier", schema) as parts:
        for batch in rows.iter_batches():
            parts.write(reading.as_schema(batch, schema))
        return parts.finished()


def _reported(
    intake: Intake | SparkIntake, source: Source, version: DatasetVersion, fixed: Corrections, *, new: bool
) -> DatasetVersion:
    same = "" if new else ", as before"
    log.info("ingest    %s rows from %s, version %s%s", f"{intake.rows:,}", source.describe(), version.digest, same)
    if intake.malformed:
        shown = "; ".join(intake.first_malformed[:SHOWN_MALFORMED])
        log.info("          %s rows are malformed: %s", f"{intake.malformed:,}", shown)
    if fixed:
        log.info("          %s rows were corrected by people", f"{fixed.rows:,}")
    if unmatched := fixed.unmatched:
        shown = "; ".join(each.shown_place for each in unmatched[:SHOWN_CORRECTIONS])
        text = "          %s corrections are not applied, because the source has other rows there now: %s"
        log.warning(text, f"{len(unmatched):,}", shown)
    return version
