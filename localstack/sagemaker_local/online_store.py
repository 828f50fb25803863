"""The Feature Store's records in SQLite: the newest of each identifier, and rows that wait for the offline store."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagemaker_local import strict_json
from sagemaker_local.feature_values import FeatureRecord
from sagemaker_local.sqlite_file import open_database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    feature_group INTEGER NOT NULL, identifier TEXT NOT NULL, event_time REAL NOT NULL,
    expires REAL, deleted INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (feature_group, identifier)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
    number INTEGER PRIMARY KEY AUTOINCREMENT, feature_group INTEGER NOT NULL,
    event_time REAL NOT NULL, invoked REAL NOT NULL, deleted INTEGER NOT NULL, record TEXT NOT NULL
);
"""
_INSERT_PENDING = "INSERT INTO pending (feature_group, event_time, invoked, deleted, record) VALUES (?,?,?,?,?)"


@dataclass(frozen=True)
class StoredRecord:
    """The online store's record of one identifier."""

    event_time: float
    expires: float | None
    deleted: bool
    values: dict[str, Any]


@dataclass(frozen=True)
class PendingRow:
    """One row that waits for its Parquet file."""

    number: int
    event_time: float
    invoked: float
    deleted: bool
    values: dict[str, Any]


@dataclass(frozen=True)
class Write:
    """One PutRecord or DeleteRecord: to which stores, and how."""

    group: int
    record: FeatureRecord
    now: float
    online: bool = True
    offline: bool = True
    lifetime: float | None = None
    deletion: str = ""
    """`SoftDelete` or `HardDelete`; empty for a PutRecord."""
    or_equal: bool = False
    """Whether an event time equal to the stored one is accepted, as in UpdateRecord."""


class OnlineStore:
    """One SQLite file behind one lock. A record and its row for the offline store are written in one transaction."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = open_database(path, _SCHEMA, isolation_level="DEFERRED")
        self._database.execute("PRAGMA secure_delete = ON")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def write(self, write: Write) -> bool:
        """Stores a record that is the newest by event time; a late one goes to the offline store only.

        Returns:
            False for a late HardDelete: then nothing was written.
        """
        with self._lock, self._database:
            held = self._held(write.group, write.record.identifier, write.now) if write.online else None
            late = held is not None and not _newer(write, held)
            if write.deletion == "HardDelete" and late:
                return False
            if write.online and not late:
                self._keep(write)
            if write.offline:
                self._enqueue(write)
        if write.deletion == "HardDelete":
            self._overwrite_deleted()
        return True

    def get(self, group: int, identifier: str, now: float) -> StoredRecord | None:
        """The record for GetRecord: neither deleted nor expired."""
        with self._lock:
            held = self._held(group, identifier, now)
        return held if held and not held.deleted else None

    def identifiers(self, group: int, after: str, limit: int, now: float, *, with_deleted: bool = False) -> list[str]:
        """Record identifiers in their order, from the one after `after`."""
        kept = "" if with_deleted else "AND deleted = 0"
        sql = (
            "SELECT identifier FROM records WHERE feature_group = ? AND identifier > ? "  # noqa: S608
            f"AND (expires IS NULL OR expires > ?) {kept} ORDER BY identifier LIMIT ?"
        )
        with self._lock:
            return [row[0] for row in self._database.execute(sql, (group, after, now, limit))]

    def forget(self, group: int) -> None:
        """Deletes a group's records at once; rows that wait for the offline store stay."""
        with self._lock, self._database:
            self._database.execute("DELETE FROM records WHERE feature_group = ?", (group,))

    def purge(self, now: float) -> None:
        """Deletes expired records."""
        with self._lock, self._database:
            self._database.execute("DELETE FROM records WHERE expires <= ?", (now,))

    def waiting_groups(self) -> list[int]:
        with self._lock:
            return [row[0] for row in self._database.execute("SELECT DISTINCT feature_group FROM pending")]

    def pending(self, group: int, limit: int) -> list[PendingRow]:
        """The oldest rows that wait for a group's offline store."""
        sql = (
            "SELECT number, event_time, invoked, deleted, record FROM pending WHERE feature_group = ? "
            "ORDER BY number LIMIT ?"
        )
        with self._lock:
            rows = self._database.execute(sql, (group, limit)).fetchall()
        return [
            PendingRow(number, time, at, bool(deleted), strict_json.loads_stored(text))
            for number, time, at, deleted, text in rows
        ]

    def delivered(self, rows: list[PendingRow]) -> None:
        with self._lock, self._database:
            self._database.executemany("DELETE FROM pending WHERE number = ?", [(row.number,) for row in rows])

    def abandon(self, group: int) -> None:
        """Deletes rows that wait for a removed offline store."""
        with self._lock, self._database:
            self._database.execute("DELETE FROM pending WHERE feature_group = ?", (group,))

    def _overwrite_deleted(self) -> None:
        """Removes a deleted record from the file's log of changes as well: it is deleted completely."""
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _held(self, group: int, identifier: str, now: float) -> StoredRecord | None:
        row = self._database.execute(
            "SELECT event_time, expires, deleted, record FROM records WHERE feature_group = ? AND identifier = ?",
            (group, identifier),
        ).fetchone()
        if row is None or (row[1] is not None and row[1] <= now):
            return None
        return StoredRecord(row[0], row[1], bool(row[2]), strict_json.loads_stored(row[3]))

    def _keep(self, write: Write) -> None:
        key = (write.group, write.record.identifier)
        if write.deletion == "HardDelete":
            self._database.execute("DELETE FROM records WHERE feature_group = ? AND identifier = ?", key)
            return
        expires = None if write.lifetime is None else write.record.event_time + write.lifetime
        values = (*key, write.record.event_time, expires, bool(write.deletion), strict_json.dumps(write.record.values))
        self._database.execute("INSERT OR REPLACE INTO records VALUES (?,?,?,?,?,?)", values)

    def _enqueue(self, write: Write) -> None:
        record, deleted = write.record, bool(write.deletion)
        row = (write.group, record.event_time, write.now, deleted, strict_json.dumps(record.values))
        self._database.execute(_INSERT_PENDING, row)


def _newer(write: Write, held: StoredRecord) -> bool:
    return write.record.event_time > held.event_time or (write.or_equal and write.record.event_time == held.event_time)
