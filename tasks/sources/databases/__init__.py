"""Databases that rows are read from: PostgreSQL, SQLite, and others through SQLAlchemy.

A read has one session, and one transaction that does not write: every row of it is from the same moment.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from tasks.sources.databases.connections import Connection
from tasks.sources.databases.statements import Border

if TYPE_CHECKING:
    import pyarrow as pa

    from config.sources import SqlSource

MODULES = {"postgresql": "postgresql", "sqlite": "sqlite"}
"""The module of a scheme. `others` reads every other database."""


class Session(Protocol):
    """A connection to a database. Its methods raise SourceError, and Unreachable when the connection is lost."""

    def border(self, source: "SqlSource", relation: str) -> Border:
        """Return the upper end of an incremental read. It is called before `begin`, and may wait for writers."""

    def begin(self) -> None:
        """Begin the transaction. Everything that follows sees one snapshot, and can't write."""

    def answer(self, statement: str) -> tuple[Any, ...]:
        """Return the first row of a statement; an empty one if there is none."""

    def batches(self, relation: str, condition: str = "", order: str = "") -> "Iterator[pa.RecordBatch]":
        """Yield the rows of a relation, at least one batch, at most BATCH_ROWS in each, without reserved columns.

        Raises SourceError for a column whose values are not single ones, such as an array.
        """


def session(connection: Connection) -> AbstractContextManager[Session]:
    """Return a session with a database. Its connection is closed at the end of the `with`. Raises the errors above."""
    module = import_module(f"{__name__}.{MODULES.get(connection.scheme, 'others')}")
    return module.session(connection)  # type: ignore[no-any-return]
