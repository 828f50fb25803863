"""Reads SQLite through Python's own driver.

SQLite types each value, not each column. ADBC's driver types a column by its first rows and fails at another type, so
every value is read as text here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa

from config.errors import SourceError
from config.sources import SqlSource
from tasks.sources.databases.connections import Connection
from tasks.sources.databases.row_texts import batch_of
from tasks.sources.databases.statements import Border, column, refuse_repeated
from tasks.sources.source import BATCH_ROWS

PATIENCE_SECONDS = 30.0
"""How long a read waits for a writer's lock."""
ORDERED = ({"integer"}, {"real"}, {"integer", "real"}, {"text"})
"""The types of values that a watermark may have together."""


@contextmanager
def session(connection: Connection) -> Iterator["Sqlite"]:
    """Open the file for reading. Raises SourceError when there is none."""
    path = Path(unquote(urlsplit(connection.written).path).removeprefix("/")).expanduser()
    if not path.is_file():
        raise SourceError(
            f"{connection.shown}: can't be read: there is no such file; a relative path has three slashes and begins "
            f"at the current folder, {Path.cwd()}, an absolute one has four"
        )
    made = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip
    with closing(made):
        yield Sqlite(made, connection.shown)


class Sqlite:
    """A session with SQLite."""

    def __init__(self, made: sqlite3.Connection, shown: str) -> None:
        self._made, self._shown = made, shown

    def border(self, source: SqlSource, relation: str) -> Border:
        """Return the largest watermark, less `lag`. One transaction writes at a time, so later rows have later ones.

        Raises SourceError when the watermarks are numbers and texts, or `lag` is given for texts.
        """
        watermark = column(str(source.watermark))
        kinds = self.answer(f"SELECT group_concat(DISTINCT typeof({watermark})), max({watermark}) FROM {relation}")
        found = set((kinds[0] or "").split(",")) - {"", "null"}
        if found and found not in ORDERED:
            raise SourceError(
                f"{self._shown}: source.watermark: expected integers or texts that sort by time, found "
                f"{' and '.join(sorted(found))} in {source.watermark!r}. Convert them in `source.query`"
            )
        if found == {"text"} and source.lag:
            raise SourceError(
                f"{self._shown}: source.lag: expected a watermark of numbers, found texts in {source.watermark!r}. "
                "Leave `lag` out, or convert the watermark in `source.query`, such as with unixepoch(...)"
            )
        return Border(kinds[1] - (source.lag or 0) if found and found != {"text"} else kinds[1], inclusive=True)

    def begin(self) -> None:
        """Begin one snapshot: the first statement takes it."""
        self.answer("BEGIN")

    def answer(self, statement: str) -> tuple[Any, ...]:
        """Return the first row of a statement."""
        with self._explained(), closing(self._made.execute(statement)) as cursor:
            return cursor.fetchone() or ()

    def batches(self, relation: str, condition: str = "", order: str = "") -> Iterator[pa.RecordBatch]:
        """Yield the rows. Every cell is a text."""
        with self._explained(), closing(self._made.execute(f"SELECT * FROM {relation}{condition}{order}")) as cursor:
            names = [described[0] for described in cursor.description]
            refuse_repeated(names, self._shown)
            names = [name.strip() for name in names]
            yield batch_of(names, [], self._shown)
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield batch_of(names, rows, self._shown)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise SourceError(f"{self._shown}: can't be read: {error}") from None
