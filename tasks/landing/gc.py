"""Deletes versions that are no longer needed, and files that no version has: those of ingests that were ended."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots

from tasks import heartbeats, locations, storage
from tasks.landing import snapshots
from tasks.landing.commit import DATA, NO_RUN
from tasks.landing.table import find_table
from tasks.landing.transaction import VERSION_TAG, attempts
from tasks.landing.versions import Version, versions

KEPT_VERSIONS = 20
"""The number of newest versions that are kept, unless told otherwise."""
YOUNGEST = timedelta(days=1)
"""The age from which a file that no version has is deleted. Before, an ingest may still commit it."""


@dataclass(frozen=True)
class Garbage:
    """What can be deleted."""

    versions: Sequence[Version]
    files: Sequence[str]
    """Addresses: the files that only these versions have, and those that no version has."""
    size: int
    """Bytes of the files."""


def find_garbage(
    use_case: str, protected: Collection[str] = (), keep: int = KEPT_VERSIONS, now: datetime | None = None
) -> Garbage:
    """Return what can be deleted.

    The current version, the `keep` newest, those with a tag and those whose digests are in `protected` are kept. `now`
    is the time at which files are as old as they are.
    """
    if (table := find_table(use_case)) is None:
        return Garbage((), (), 0)
    old = [each for each in versions(use_case)[keep:] if not (each.current or each.tags or each.digest in protected)]
    dropped = {each.snapshot for each in old}
    needed = set(_files(table, [each.snapshot_id for each in table.snapshots() if each.snapshot_id not in dropped]))
    needed |= {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    only_theirs = set(_files(table, sorted(dropped))) - needed
    folder, limit = locations.table(use_case), (now or datetime.now(UTC)) - YOUNGEST
    found = [
        (uri, item.size)
        for item in storage.listed(folder)
        if (uri := f"{folder}/{item.name}") in only_theirs
        or (uri not in needed and item.written < limit and not _is_in_use(use_case, item.name))
    ]
    return Garbage(old, [uri for uri, _ in found], sum(size for _, size in found))


def delete(use_case: str, garbage: Garbage) -> None:
    """Delete the versions in one commit, then the files. A version that has been tagged since, or is current, stays.

    Raises VishwaOpsError when other writers were faster each time. Safe to repeat.
    """
    if garbage.versions:
        for _ in attempts(use_case):
            if _expired(use_case, garbage.versions):
                break
    table = find_table(use_case)
    needed = set(_files(table, [each.snapshot_id for each in table.snapshots()])) if table else set()
    storage.delete([uri for uri in garbage.files if uri not in needed])


def _expired(use_case: str, old: Sequence[Version]) -> bool:
    table = find_table(use_case)
    if table is None:
        return True
    there = {each.snapshot for each in versions(use_case) if not (each.current or each.tags)}
    chosen = [each for each in old if each.snapshot in there]
    transaction = table.transaction()
    tags = ManageSnapshots(transaction)
    for version in chosen:
        tags.remove_tag(VERSION_TAG + version.digest)
    tags.commit()
    ExpireSnapshots(transaction).by_ids([version.snapshot for version in chosen]).commit()
    try:
        transaction.commit_transaction()
    except CommitFailedException:
        return False
    return True


def _files(table: Table, ids: Sequence[int]) -> Iterator[str]:
    """Yield the addresses of the files that snapshots consist of: data, manifests and their lists."""
    for each in ids:
        if snapshot := table.snapshot_by_id(each):
            yield snapshot.manifest_list
            yield from (manifest.manifest_path for manifest in snapshot.manifests(table.io))
            yield from (file.file_path for file in snapshots.files_of(table, snapshot))


def _is_in_use(use_case: str, name: str) -> bool:
    """Whether a file is of a run that is alive, by the name of its folder."""
    place, _, folder = name.partition("/")
    run = folder.split("/")[0].partition("_")[2]
    return place == DATA and run not in ("", NO_RUN) and _is_alive(use_case, run)


def _is_alive(use_case: str, run: str) -> bool:
    return heartbeats.life(heartbeats.find_heartbeat(use_case, run)) == "alive"
