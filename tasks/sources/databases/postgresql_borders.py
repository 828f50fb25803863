"""The border of an incremental read of PostgreSQL: no row below it will be committed after the read.

A row's watermark is drawn when its transaction begins (`now()`) or when it is inserted (a sequence), but the row is
seen only when the transaction commits. So rows appear below watermarks that were already read. A read therefore ends
below the first watermark that a transaction in progress may still commit:

* A time or a date: before the start of the oldest transaction in progress. The rows after it wait for the next read.
* An integer: at the largest committed value, when the transactions that were writing to the tables have ended.

Both hold when the database sets the watermark in the transaction that inserts the row. `lag` is for other watermarks: a
time of the client, an identifier that was drawn in advance, rows of another server.
"""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from config.errors import SourceError
from config.sources import SqlSource
from tasks.progress import log
from tasks.sources.databases.statements import Border, column, literal

if TYPE_CHECKING:
    from tasks.sources.databases.postgresql import PostgreSql

WAIT_SECONDS = 60.0
"""How long a read waits for the transactions that it can't read around."""
SHOWN_START_SECONDS = 0.1
"""A transaction reads its clock shortly before others see that it has begun."""
POLL_SECONDS, QUIET_SECONDS = 0.1, 2.0
REPEATED_HOURS_IN_MINUTES = 180
"""When summer time ends, the local clock is set back within this time."""
WRITING = "'RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'"
IN_PROGRESS = """
SELECT l.virtualtransaction AS name, CAST(a.xact_start AS text) AS begun, CAST(a.application_name AS text) AS program
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL
  AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT l.virtualtransaction, NULL, 'prepared transaction ' || p.gid
FROM pg_prepared_xacts p JOIN pg_locks l ON l.transactionid = p.transaction AND l.locktype = 'transactionid'
WHERE p.database = current_database() AND l.pid IS NULL"""
"""The transactions of this database. `begun` is null for those of other roles, without the role pg_read_all_stats."""
WRITERS = f"""
SELECT DISTINCT w.virtualtransaction AS name
FROM pg_locks w JOIN pg_locks mine ON mine.relation = w.relation AND mine.database = w.database
WHERE mine.pid = pg_backend_pid() AND w.pid IS DISTINCT FROM mine.pid AND w.mode IN ({WRITING})"""
"""The transactions that write to a table or partition that this one has read. They hold their locks to the end."""


def border(session: "PostgreSql", source: SqlSource, relation: str, schema: pa.Schema) -> Border:
    """Return the border. Raises SourceError for a watermark of another type, and when a transaction does not end."""
    kind = _type(session, source, schema)
    if source.lag is None and session.answer("SELECT pg_is_in_recovery()")[0]:
        raise SourceError(
            f"{session.shown}: expected `source.lag`, because this server is a replica, which does not show the "
            "transactions in progress on its primary; found none. Set it above the replica's delay, or read the primary"
        )
    if pa.types.is_integer(kind):
        return _integer_border(session, source, relation)
    return _time_border(session, source, kind)


def _type(session: "PostgreSql", source: SqlSource, schema: pa.Schema) -> pa.DataType:
    if source.watermark not in schema.names:
        raise SourceError(
            f"{session.shown}: expected a column for `source.watermark`, found no {source.watermark!r} among "
            f"{', '.join(schema.names)}"
        )
    kind = schema.field(source.watermark).type
    if not (pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        raise SourceError(
            f"{session.shown}: source.watermark: expected a timestamp, a date or an integer, found "
            f"{source.watermark!r} of {kind}. Convert it in `source.query`"
        )
    return kind


def _integer_border(session: "PostgreSql", source: SqlSource, relation: str) -> Border:
    session.run("BEGIN READ ONLY")
    (largest,) = session.answer(f"SELECT max({column(str(source.watermark))}) FROM {relation}")
    writers = {row["name"] for row in session.rows(WRITERS)} if source.lag is None else set()
    session.run("COMMIT")
    _wait(session, writers)
    return Border(largest if largest is None else largest - (source.lag or 0), inclusive=True)


def _time_border(session: "PostgreSql", source: SqlSource, kind: pa.DataType) -> Border:
    (now,) = session.answer("SELECT CAST(now() AS text)")
    begun = [] if source.lag is not None else _begun(session)
    return Border(earliest(session, source, kind, [now, *begun]), inclusive=False)


def _begun(session: "PostgreSql") -> list[str]:
    """Return the starts of the transactions in progress. Those whose start is hidden are waited for."""
    time.sleep(SHOWN_START_SECONDS)
    found = session.rows(IN_PROGRESS)
    _wait(session, {row["name"] for row in found if row["begun"] is None})
    return [row["begun"] for row in found if row["begun"] is not None]


def earliest(session: "PostgreSql", source: SqlSource, kind: pa.DataType, times: Iterable[str]) -> Any:
    """Return the earliest watermark that a row written from the first of `times` on may have, less `lag`, as text.

    A local clock that is set back repeats an hour, so the earliest may be before the present.
    """
    oldest = f"LEAST({', '.join(f'CAST({literal(time)} AS timestamptz)' for time in times)})"
    lag = f"{source.lag or 0} * interval '1 {'day' if pa.types.is_date(kind) else 'second'}'"
    if pa.types.is_timestamp(kind) and kind.tz:
        return session.answer(f"SELECT CAST({oldest} - {lag} AS text)")[0]
    local = f"({oldest} - {lag} + minute * interval '1 minute') AT TIME ZONE {literal(source.timezone or session.zone)}"
    earliest = f"CAST(min({local}) AS {'date' if pa.types.is_date(kind) else 'timestamp'})"
    minutes = f"generate_series(0, {REPEATED_HOURS_IN_MINUTES}) AS minute"
    return session.answer(f"SELECT CAST({earliest} AS text) FROM {minutes}")[0]


def _wait(session: "PostgreSql", names: set[str]) -> None:
    """Wait until these transactions have ended. Raises SourceError after WAIT_SECONDS."""
    begun = time.monotonic()
    told = not names
    while names := _running(session, names):
        waited = time.monotonic() - begun
        if waited > WAIT_SECONDS:
            raise SourceError(
                f"{session.shown}: expected the {len(names)} transactions that were in progress to end within "
                f"{WAIT_SECONDS:g} seconds, found them running. Their rows would be missed. Run it again later, end "
                "them, or set `source.lag`; a role with pg_read_all_stats need not wait for those that do not write"
            )
        if waited > QUIET_SECONDS and not told:
            told = True
            log.info("          %s: waits for %s transactions in progress", session.shown, len(names))
        time.sleep(POLL_SECONDS)


def _running(session: "PostgreSql", names: set[str]) -> set[str]:
    if not names:
        return set()
    listed = ", ".join(map(literal, sorted(names)))
    query = f"SELECT DISTINCT virtualtransaction AS name FROM pg_locks WHERE virtualtransaction IN ({listed})"
    return {row["name"] for row in session.rows(query)}
