"""The store: resources, their tags and version counters, in SQLite."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagemaker_local import strict_json
from sagemaker_local.sqlite_file import open_database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL,
    created REAL NOT NULL, modified REAL NOT NULL, status TEXT, body TEXT NOT NULL,
    UNIQUE (kind, name)
);
CREATE INDEX IF NOT EXISTS resources_by_arn ON resources (arn);
CREATE INDEX IF NOT EXISTS resources_in_order ON resources (kind, created, sequence, name, status);
CREATE TABLE IF NOT EXISTS tags (
    arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    action TEXT NOT NULL, token TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL, created REAL NOT NULL,
    PRIMARY KEY (action, token)
) WITHOUT ROWID;
"""
_VERSION = 1  # 1: every body is JSON that SQLite reads, without NaN and infinities
_COLUMNS = "kind, name, arn, created, modified, status, body, sequence"


class NameTakenError(Exception):
    """A resource of this kind and name already exists."""


@dataclass
class Record:
    """One resource: its request and its state, by the member names of its Describe response."""

    kind: str
    name: str
    arn: str
    created: float
    modified: float
    status: str | None
    body: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0


@dataclass(frozen=True)
class Query:
    """A query of resources: conditions on columns with their values, an order, and one page."""

    kind: str
    conditions: tuple[tuple[str, Any], ...] = ()
    order_by: str = "created"
    descending: bool = False
    after: tuple[Any, int] | None = None
    limit: int = 100


class Store:
    """One SQLite connection behind one lock, so that every thread may call. `path` may be `:memory:`."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._database = open_database(path, _SCHEMA, isolation_level=None)
        self._upgrade()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def insert(self, record: Record, tags: dict[str, str] | None = None) -> None:
        """Stores a new resource with its tags.

        Raises:
            NameTakenError: the kind has one of this name. Of two calls at the same time exactly one raises.
        """
        values = (record.kind, record.name, record.arn, record.created, record.modified, record.status)
        with self.exclusively():
            try:
                cursor = self._database.execute(
                    "INSERT INTO resources (kind, name, arn, created, modified, status, body) VALUES (?,?,?,?,?,?,?)",
                    (*values, strict_json.dumps(record.body)),
                )
            except sqlite3.IntegrityError as taken:
                raise NameTakenError(record.name) from taken
            record.sequence = cursor.lastrowid or 0
            self.add_tags(record.arn, tags or {})

    def get(self, kind: str, name: str) -> Record | None:
        return self._one("kind = ? AND name = ?", (kind, name))

    def by_arn(self, arn: str) -> Record | None:
        return self._one("arn = ?", (arn,))

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Holds the lock, for a change that depends on what is stored.

        It is one transaction: when the block raises or the disk is full, nothing of it is stored.
        """
        with self._lock:
            if self._database.in_transaction:  # of an outer block, which commits
                yield
                return
            self._database.execute("BEGIN")
            try:
                yield
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")

    def current_body(self, record: Record) -> dict[str, Any]:
        """The stored body; the caller's own copy if the resource was deleted."""
        rows = self._rows("SELECT body FROM resources WHERE sequence = ?", (record.sequence,))
        return dict(strict_json.loads_stored(rows[0][0])) if rows else record.body

    def update(self, record: Record) -> None:
        """Writes a changed record; a deleted one stays deleted."""
        with self._lock:
            self._database.execute(
                "UPDATE resources SET modified = ?, status = ?, body = ? WHERE sequence = ?",
                (record.modified, record.status, strict_json.dumps(record.body), record.sequence),
            )

    def delete(self, record: Record) -> None:
        """Deletes a resource and its tags."""
        with self.exclusively():
            self._database.execute("DELETE FROM resources WHERE sequence = ?", (record.sequence,))
            self._database.execute("DELETE FROM tags WHERE arn = ?", (record.arn,))

    def find(self, query: Query) -> list[Record]:
        """The resources of a query. Columns come from code, values are always bound."""
        where: list[str] = ["kind = ?"]
        values: list[Any] = [query.kind]
        for condition, value in query.conditions:
            where.append(condition)
            values.append(value)
        sign, direction = ("<", "DESC") if query.descending else (">", "ASC")
        if query.after is not None:
            where.append(f"({query.order_by}, sequence) {sign} (?, ?)")
            values.extend(query.after)
        sql = (
            f"SELECT {_COLUMNS} FROM resources WHERE {' AND '.join(where)} "  # noqa: S608
            f"ORDER BY {query.order_by} {direction}, sequence {direction} LIMIT ?"
        )
        return [_record(row) for row in self._rows(sql, (*values, query.limit))]

    def with_status(self, kind: str, statuses: Iterable[str]) -> list[Record]:
        """Every resource of a kind that is in one of these statuses."""
        wanted = tuple(statuses)
        where = f"kind = ? AND status IN ({', '.join('?' * len(wanted))})"
        rows = self._rows(f"SELECT {_COLUMNS} FROM resources WHERE {where} ORDER BY sequence", (kind, *wanted))  # noqa: S608
        return [_record(row) for row in rows]

    def status_counts(self, kinds: Sequence[str]) -> Counter[tuple[str, str]]:
        """How many resources of these kinds are in each status, by kind and status."""
        where = f"kind IN ({', '.join('?' * len(kinds))}) AND status IS NOT NULL"
        sql = f"SELECT kind, status, COUNT(*) FROM resources WHERE {where} GROUP BY kind, status"  # noqa: S608
        return Counter({(kind, status): count for kind, status, count in self._rows(sql, tuple(kinds))})

    def next_version(self, counter: str) -> int:
        """1, 2, 3, … for each counter, never the same twice, also after deletions."""
        with self._lock:
            row = self._database.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (counter,),
            ).fetchone()
        return int(row[0])

    def tags(self, arn: str) -> dict[str, str]:
        return dict(self._rows("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", (arn,)))

    def add_tags(self, arn: str, tags: dict[str, str]) -> None:
        with self._lock:
            self._database.executemany(
                "INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", [(arn, key, value) for key, value in tags.items()]
            )

    def delete_tags(self, arn: str, keys: Iterable[str]) -> None:
        with self._lock:
            self._database.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])

    def answered(self, action: str, token: str, since: float) -> tuple[str, dict[str, Any]] | None:
        """The request (as given to `save_answer`) and the answer of an action's call with this token since a time."""
        where = "action = ? AND token = ? AND created >= ?"
        rows = self._rows(f"SELECT request, answer FROM idempotency WHERE {where}", (action, token, since))  # noqa: S608
        return (rows[0][0], strict_json.loads_stored(rows[0][1])) if rows else None

    def save_answer(self, action: str, token: str, request: str, answer: dict[str, Any], now: float) -> None:
        """Stores what an action answered to a call with this token."""
        row = (action, token, request, strict_json.dumps(answer), now)
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)", row)

    def delete_answers(self, before: float) -> None:
        """Deletes the answers of calls before this time."""
        with self._lock:
            self._database.execute("DELETE FROM idempotency WHERE created < ?", (before,))

    def _upgrade(self) -> None:
        """Rewrites bodies that earlier versions stored with NaN: every query that reads into bodies fails on one."""
        if self._database.execute("PRAGMA user_version").fetchone()[0] >= _VERSION:
            return
        broken = self._database.execute("SELECT sequence, body FROM resources WHERE NOT json_valid(body)").fetchall()
        for sequence, body in broken:
            rewritten = strict_json.dumps(strict_json.loads_stored(body))
            self._database.execute("UPDATE resources SET body = ? WHERE sequence = ?", (rewritten, sequence))
        self._database.execute(f"PRAGMA user_version = {_VERSION}")

    def _one(self, where: str, values: tuple[Any, ...]) -> Record | None:
        rows = self._rows(f"SELECT {_COLUMNS} FROM resources WHERE {where}", values)  # noqa: S608
        return _record(rows[0]) if rows else None

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()


def _record(row: tuple[Any, ...]) -> Record:
    kind, name, arn, created, modified, status, body, sequence = row
    return Record(kind, name, arn, created, modified, status, strict_json.loads_stored(body), sequence)
