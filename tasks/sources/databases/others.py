"""Reads other databases through SQLAlchemy, where their driver is installed: whole tables and queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import sqlalchemy
from sqlalchemy.engine import Connection as Made
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from config.errors import SourceError
from config.sources import SqlSource
from tasks.sources.databases.connections import Connection
from tasks.sources.databases.row_texts import batch_of
from tasks.sources.databases.statements import Border, refuse_repeated
from tasks.sources.source import BATCH_ROWS


@contextmanager
def session(connection: Connection) -> Iterator["Other"]:
    """Connect. Raises SourceError when there is no driver, or the server refuses."""
    try:
        engine = sqlalchemy.create_engine(connection.address(), poolclass=sqlalchemy.pool.NullPool)
        made = engine.connect()
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        raise SourceError(
            f"source.connection: expected postgresql://, sqlite:// or the URL of a database whose SQLAlchemy driver is "
            f"installed, found {connection.scheme}:// ({connection.hidden(_first_line(error))}). Install its driver"
        ) from None
    except SQLAlchemyError as error:
        raise _explained(error, connection) from None
    with made:
        yield Other(made, connection)


class Other:
    """A session with another database."""

    def __init__(self, made: Made, connection: Connection) -> None:
        self._made, self._connection = made, connection

    def border(self, source: SqlSource, relation: str) -> Border:
        """Raise SourceError: which transactions are in progress is known of PostgreSQL and SQLite only."""
        raise SourceError(
            f"source.watermark: expected PostgreSQL or SQLite, found {self._connection.scheme}. Leave `watermark` out: "
            "the table is then read whole"
        )

    def begin(self) -> None:
        """Do nothing: the one statement of `batches` is a transaction."""

    def answer(self, statement: str) -> tuple[Any, ...]:
        """Return the first row of a statement."""
        try:
            return tuple(self._made.exec_driver_sql(statement).first() or ())
        except SQLAlchemyError as error:
            raise _explained(error, self._connection) from None

    def batches(self, relation: str, condition: str = "", order: str = "") -> Iterator[pa.RecordBatch]:
        """Yield the rows. Every cell is a text."""
        shown = self._connection.shown
        try:
            streaming = self._made.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS)
            result = streaming.exec_driver_sql(f"SELECT * FROM {relation}{condition}{order}")
            names = list(result.keys())
            refuse_repeated(names, shown)
            names = [name.strip() for name in names]
            yield batch_of(names, [], shown)
            for rows in result.partitions(BATCH_ROWS):
                yield batch_of(names, rows, shown)
        except SQLAlchemyError as error:
            raise _explained(error, self._connection) from None


def _explained(error: SQLAlchemyError, connection: Connection) -> SourceError:
    cause = _first_line(getattr(error, "orig", None) or error).rstrip(".")
    return SourceError(connection.hidden(f"{connection.shown}: can't be read: {cause}"))


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
