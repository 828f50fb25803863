"""Lists, finds and tags the versions of a use case's dataset."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.snapshots import Snapshot

from config.errors import MissingInput, VishwaOpsError
from tasks.landing import snapshots
from tasks.landing.properties import VersionProperties
from tasks.landing.table import find_table
from tasks.landing.transaction import VERSION_TAG, attempts
from tasks.references import DatasetVersion

LATEST = "latest"
"""The name of the current version, wherever a version is named."""
SHORTEST_PREFIX = 4
"""The number of digits of a digest that name a version, if no other one begins so."""


@dataclass(frozen=True)
class Version:
    """A version of a dataset."""

    digest: str
    snapshot: int
    parent: str | None
    """The digest of the version before it."""
    source: str
    rows: int
    """Of well-formed rows."""
    malformed: int
    forgotten: int
    """The rows that `vishwaops forget` has removed, counted in neither."""
    left_digest: str | None
    """The digest of the rows that were left then."""
    added_rows: int
    """The number of rows that its commit added, with malformed ones."""
    at: datetime
    """When it was committed, in UTC."""
    left_out: tuple[str, ...]
    """The headers of the source's columns that the use case does not list."""
    run: str | None
    code: str
    position: Mapping[str, Any] | None
    """Where an incremental source was read up to."""
    tags: tuple[str, ...]
    """The names that people gave it."""
    current: bool


def versions(use_case: str) -> list[Version]:
    """Return all versions, newest first; none when the use case has no table yet."""
    table = find_table(use_case)
    return [_version(table, *found) for found in snapshots.all_versions(table)] if table else []


def latest(use_case: str) -> Version | None:
    """Return the current version; None when there is none yet."""
    return next((version for version in versions(use_case) if version.current), None)


def find(use_case: str, name: str) -> Version:
    """Return the version with this digest, beginning of a digest, or tag, or the current one for `latest`.

    Raises MissingInput when there is none, or several.
    """
    known = versions(use_case)
    exact = [each for each in known if name in (each.digest, *each.tags) or (name == LATEST and each.current)]
    near = [each for each in known if len(name) >= SHORTEST_PREFIX and each.digest.startswith(name)]
    found = exact or near
    if len(found) == 1:
        return found[0]
    several = ", ".join(each.digest for each in found)
    raise MissingInput(
        f"{use_case}: expected the digest or the tag of one version, or {LATEST}; found {name!r}, which names "
        f"{several or 'none'}. See: vishwaops data log --use-case {use_case}"
    )


def reference(use_case: str, version: Version) -> DatasetVersion:
    """Return the reference of a version, as `ingest` returns it. Raises MissingInput when it has been deleted."""
    table = find_table(use_case)
    if table and (found := snapshots.with_digest(table, version.digest)):
        return snapshots.reference(use_case, table, *found)
    raise MissingInput(f"{use_case}: expected version {version.digest}; found none. Run ingest again")


def tag(use_case: str, name: str, version: Version, *, move: bool = False) -> None:
    """Give a version a name. Raises VishwaOpsError when another version has it, unless it may `move`."""
    if name == LATEST or name.startswith(VERSION_TAG) or name == "main":
        raise VishwaOpsError(f"tag: expected a name other than {LATEST}, main and {VERSION_TAG}...; found {name!r}")
    for _ in attempts(use_case):
        table = find_table(use_case)
        if table is None:
            raise MissingInput(f"{use_case}: expected a dataset version; found none. Run ingest first")
        before = table.refs().get(name)
        if before and before.snapshot_id == version.snapshot:
            return
        if before and not move:
            raise VishwaOpsError(
                f"tag: expected a name that no version has, found {name!r} of version "
                f"{_digest_of(table, before.snapshot_id)}. Choose another name, or add --move"
            )
        try:
            table.manage_snapshots().create_tag(version.snapshot, name).commit()
            return
        except CommitFailedException:
            continue


def _digest_of(table: Table, snapshot: int) -> str:
    found = table.snapshot_by_id(snapshot)
    properties = VersionProperties.of(found) if found else None
    return properties.digest if properties else str(snapshot)


def _version(table: Table, snapshot: Snapshot, properties: VersionProperties) -> Version:
    summary = snapshot.summary.additional_properties if snapshot.summary else {}
    return Version(
        digest=properties.digest,
        snapshot=snapshot.snapshot_id,
        parent=properties.parent,
        source=properties.source,
        rows=properties.rows,
        malformed=properties.malformed,
        forgotten=properties.forgotten,
        left_digest=properties.left_digest,
        added_rows=int(summary.get("added-records", 0)),
        at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        left_out=properties.left_out,
        run=properties.run,
        code=properties.code,
        position=properties.position,
        tags=tags_of(table, snapshot.snapshot_id),
        current=(snapshot, properties) == snapshots.current(table),
    )


def tags_of(table: Table, snapshot: int) -> tuple[str, ...]:
    """Return the names that people gave a snapshot, sorted."""
    refs = table.refs().items()
    named = [name for name, ref in refs if ref.snapshot_id == snapshot and ref.snapshot_ref_type == SnapshotRefType.TAG]
    return tuple(sorted(name for name in named if not name.startswith(VERSION_TAG)))
