"""An engine of SQLAlchemy on a connection of DuckDB.

duckdb_engine gives all cursors of a connection the same pending result, and Great Expectations fetches a result after
it has returned the connection to the pool, which rolls back and so discards the result. Here each cursor is one of
DuckDB's own, and there are no transactions, because nothing is written.
"""

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper, CursorWrapper
from sqlalchemy.pool import StaticPool


class ReadingConnection(ConnectionWrapper):
    """A connection whose cursors are independent. Closing it leaves DuckDB's connection open."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._connection = connection

    def cursor(self) -> CursorWrapper:
        """Return a cursor with a result of its own."""
        return CursorWrapper(self._connection.cursor(), self)

    def begin(self) -> None:
        """Begin no transaction."""

    commit = rollback = close = begin


def engine_of(connection: duckdb.DuckDBPyConnection) -> sqlalchemy.Engine:
    """Return an engine that runs its queries on a connection of DuckDB."""
    return sqlalchemy.create_engine("duckdb://", creator=lambda: ReadingConnection(connection), poolclass=StaticPool)
