"""Reads PostgreSQL through ADBC: rows arrive as Arrow record batches, by COPY."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from adbc_driver_manager import Error, dbapi
from adbc_driver_postgresql.dbapi import connect

from config.errors import SourceError, Unreachable
from config.sources import SqlSource
from tasks.sources.databases import postgresql_borders
from tasks.sources.databases.connections import Connection
from tasks.sources.databases.statements import Border, quoted, refuse_repeated
from tasks.sources.source import BATCH_ROWS

OPTIONS = {"connect_timeout": "10", "client_encoding": "utf8", "application_name": "vishwaops"}
"""libpq's connection parameters, unless the URL sets them (PostgreSQL documentation, "Parameter Key Words")."""
SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO'",
    "SET synchronize_seqscans = off",
    "SET max_parallel_workers_per_gather = 0",
)
"""Times as text in one notation; and without ORDER BY, a table that has not changed keeps its order of rows."""
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
PASSING = ("starting up", "shutting down", "too many", "terminating connection", "the database system is in recovery")
"""Parts of refusals that pass."""
LOST = ("57P01", "57P02", "57P03", "08000", "08003", "08006")
"""The SQLSTATEs of a connection that the server closed ("PostgreSQL Error Codes")."""
LOST_TEXTS = (
    "server closed the connection",
    "no connection to the server",
    "connection has been closed",
    "SSL SYSCALL",
)
REMEDIES = {
    "42P01": "Correct `source.table`, or write it with its schema",
    "42703": "Correct the name of the column",
    "42501": "Grant it to the role: GRANT SELECT ON ... TO ...",
    "42601": "Correct `source.query`, which is one SELECT",
}
"""What to do, by SQLSTATE."""


@contextmanager
def session(connection: Connection) -> Iterator["PostgreSql"]:
    """Connect. Raises SourceError when the server refuses, and Unreachable when no server answers."""
    with closing(_connected(connection)) as made:
        opened = PostgreSql(made, connection)
        opened.zone = opened.answer("SELECT current_setting('TimeZone')")[0]
        for setting in SETTINGS:
            opened.run(setting)
        yield opened


class PostgreSql:
    """A session with PostgreSQL."""

    def __init__(self, made: dbapi.Connection, connection: Connection) -> None:
        self._made, self._connection = made, connection
        self.zone = "UTC"
        """The time zone that the server has for this role: that of times without one, unless the use case names it."""

    @property
    def shown(self) -> str:
        """The database, without secrets."""
        return self._connection.shown

    def border(self, source: SqlSource, relation: str) -> Border:
        """Return the border below which every transaction has ended. See `postgresql_borders`."""
        return postgresql_borders.border(self, source, relation, self.schema(relation))

    def begin(self) -> None:
        """Begin one snapshot."""
        self.run(SNAPSHOT)

    def run(self, statement: str) -> None:
        """Run a statement without rows."""
        with self._explained(), self._made.cursor() as cursor:
            cursor.execute(statement)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Return the few rows of a statement, by column."""
        with self._explained(), self._made.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_arrow_table().to_pylist()  # type: ignore[no-any-return]

    def answer(self, statement: str) -> tuple[Any, ...]:
        """Return the first row of a statement."""
        return next((tuple(row.values()) for row in self.rows(statement)), ())

    def schema(self, relation: str) -> pa.Schema:
        """Return the types of a relation's columns."""
        with self._explained(), self._made.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
            return cursor.fetch_arrow_table().schema

    def batches(self, relation: str, condition: str = "", order: str = "") -> Iterator[pa.RecordBatch]:
        """Yield the rows. Numerics and types without an Arrow type are texts, with every digit."""
        schema = self.schema(relation)
        refuse_repeated(schema.names, self.shown)
        self._refuse_composed(schema)
        names = [name.strip() for name in schema.names]
        selected = ", ".join(map(_selected, schema))
        with self._explained(), self._made.cursor() as cursor:
            cursor.execute(f"SELECT {selected} FROM {relation}{condition}{order}")
            reader = cursor.fetch_record_batch()
            yield _named(pa.RecordBatch.from_pylist([], schema=reader.schema), names)
            for batch in reader:
                for start in range(0, len(batch), BATCH_ROWS):
                    yield _named(batch.slice(start, BATCH_ROWS), names)

    def _refuse_composed(self, schema: pa.Schema) -> None:
        composed = [field.name for field in schema if pa.types.is_nested(field.type) or _is_binary(field.type)]
        if composed:
            raise SourceError(
                f"{self.shown}: expected columns of single values, found arrays, records or bytes in "
                f"{', '.join(map(repr, composed))}. Leave them out, or convert them in `source.query`"
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise an error of the database as one sentence. Errors of a running COPY are OSErrors of Arrow."""
        try:
            yield
        except (Error, OSError, pa.ArrowException) as error:
            raise explained(error, self._connection) from None


def explained(error: Exception, connection: Connection) -> SourceError | Unreachable:
    """Return an error of the driver as one sentence without secrets."""
    text, state = str(error), getattr(error, "sqlstate", None) or ""
    details = dict(getattr(error, "details", None) or [])
    cause = details.get(b"PG_DIAG_MESSAGE_PRIMARY", b"").decode(errors="replace") or _first_sentence(text)
    message = connection.hidden(f"{connection.shown}: can't be read: {cause.rstrip('.')}")
    if state in LOST or any(part in text for part in (*LOST_TEXTS, *PASSING)):
        return Unreachable(f"{message}. Run it again: nothing of this read is stored")
    if "connection to server" in text and "FATAL" not in text:
        return Unreachable(f"{message}. Check the host, the port and the network")
    remedy = REMEDIES.get(state) or _remedy(text)
    return SourceError(f"{message}{'. ' if remedy else ''}{remedy}")


def _connected(connection: Connection) -> dbapi.Connection:
    """Connect. A secret that was rotated is read again."""
    try:
        return _connect(connection)
    except Error as error:
        if "authentication failed" not in str(error) or not connection.forget_secret():
            raise explained(error, connection) from None
    try:
        return _connect(connection)
    except Error as error:
        raise explained(error, connection) from None


def _connect(connection: Connection) -> dbapi.Connection:
    address = connection.address()
    added = urlencode({name: value for name, value in OPTIONS.items() if f"{name}=" not in address})
    made: dbapi.Connection = connect(f"{address}{'&' if '?' in address else '?'}{added}", autocommit=True)
    return made


def _first_sentence(text: str) -> str:
    line = next(filter(None, map(str.strip, text.splitlines())), "")
    for prefix in ("failed: ", "ERROR:  ", "Failed to connect: "):
        line = line.rpartition(prefix)[2]
    return line.removeprefix("FATAL:").strip()


def _remedy(text: str) -> str:
    if "authentication failed" in text or "no password supplied" in text:
        return "Correct the user of `source.connection`, and the password in `source.secret` or the variable"
    return "`source.query` must only read" if "read-only transaction" in text else ""


def _selected(field: pa.Field) -> str:
    name = quoted(field.name)
    return name if _is_plain(field) else f"CAST({name} AS text) AS {name}"


def _is_plain(field: pa.Field) -> bool:
    """Whether ADBC's Arrow type has the column's own values. It reads money and oid as integers."""
    kind, origin = field.type, (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_string, pa.types.is_boolean, pa.types.is_date)
    return origin not in (b"money", b"oid") and (any(t(kind) for t in tests) or pa.types.is_timestamp(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _named(batch: pa.RecordBatch, names: list[str]) -> pa.RecordBatch:
    """Return the batch without the driver's own metadata."""
    return pa.RecordBatch.from_arrays(batch.columns, names=names)
