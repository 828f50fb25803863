"""The rows of a database: a whole table or query, or the rows after a watermark."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from config.errors import SourceError, Unreachable
from config.sources import SqlSource
from tabular.formats import Format
from tasks.progress import log
from tasks.sources.databases import Session, session
from tasks.sources.databases.connections import Connection
from tasks.sources.databases.statements import Border, Window, column, literal, ordered, relation

if TYPE_CHECKING:
    import pyarrow as pa

    from tasks.sources.source import Incremental, Position, Source

PAUSES = (1.0, 4.0)
"""The seconds before each further attempt to read, as long as no rows have come."""


def open_source(source: SqlSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the rows. Nothing is connected before they are read. Raises ConfigError for a variable that is not set."""
    connection = Connection(source.address(), source.secret)
    return Growing(source, connection) if source.watermark else Whole(source, connection)


@dataclass(frozen=True)
class _Rows:
    source: SqlSource
    connection: Connection

    @property
    def format(self) -> Format:
        """The format of the cells: a database writes numbers in one way."""
        return Format(missing=self.source.missing)

    def describe(self) -> str:
        """The database and the table, without secrets."""
        return self.source.shown(self.connection.written)

    def fingerprint(self) -> None:
        """Return None: only reading the rows shows whether they have changed."""

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the rows of one snapshot. A connection that is lost before the first row is made again.

        Raises SourceError, and Unreachable when the connection is lost: the same read may be repeated.
        """
        for pause in (*PAUSES, None):
            rows = 0
            try:
                for batch in self._read():
                    rows += len(batch)
                    yield batch
                return
            except Unreachable:
                if rows or pause is None:
                    raise
                time.sleep(pause)

    def _read(self) -> "Iterator[pa.RecordBatch]":
        raise NotImplementedError

    def _rows(self, opened: Session, condition: str, order: str) -> "Iterator[pa.RecordBatch]":
        from tasks.sources.source import refuse_reserved, with_reserved

        for number, batch in enumerate(opened.batches(relation(self.source), condition, order)):
            if not number:
                refuse_reserved(batch.schema.names, self.describe())
            yield with_reserved(batch)


@dataclass(frozen=True)
class Whole(_Rows):
    """All rows."""

    def _read(self) -> "Iterator[pa.RecordBatch]":
        rows = 0
        with session(self.connection) as opened:
            opened.begin()
            for batch in self._rows(opened, "", ordered([self.source.key])):
                rows += len(batch)
                if len(batch):
                    yield batch
        if not rows:
            raise SourceError(f"{self.describe()}: expected rows, found none")


@dataclass(frozen=True)
class Growing(_Rows):
    """The rows after a position, in the order of the watermark."""

    begun: Mapping[str, Any] = field(default_factory=dict)
    """The position that the rows follow; empty for all rows."""
    _ends: list["Position"] = field(default_factory=list, repr=False, compare=False)
    """The position after the rows, when they have been read."""

    def after(self, position: "Position | None") -> "Incremental":
        """Return the source of the rows after a position. Raises SourceError for one of another table or watermark."""
        own = self.source.described()
        if position and position["of"] != own:
            raise SourceError(
                f"source: expected the table and watermark of the rows so far, {position['of']}; found {own}. Set "
                "them as they were, or begin a new table: give the use case another name"
            )
        return replace(self, begun=dict(position or {}), _ends=[])

    def position(self) -> "Position":
        """Return the position after the last row. The rows must have been read."""
        return self._ends[-1]

    def _read(self) -> "Iterator[pa.RecordBatch]":
        rows = 0
        with session(self.connection) as opened:
            window = self._window(opened.border(self.source, relation(self.source)))
            opened.begin()
            self._check(opened, window)
            for batch in self._rows(opened, window.where(), ordered([self.source.watermark, self.source.key])):
                rows += len(batch)
                yield batch
            if not rows and not self.begun:
                raise SourceError(f"{self.describe()}: expected rows, found none{self._waiting(opened, window)}")
            log.info("          %s%s", self.describe(), self._waiting(opened, window) or ": read to its last row")
            self._ends.append(self._end(opened, window))

    def _window(self, border: Border) -> Window:
        """Return the rows up to a border, which is never before the position: rows at its end may have been deleted."""
        value, begun = border.value, self.begun.get("watermark")
        if begun is not None and (value is None or value < begun):  # times are ISO 8601 texts
            border = replace(border, value=begun)
        return Window(str(self.source.watermark), self.source.key, self.begun, border)

    def _check(self, opened: Session, window: Window) -> None:
        """Refuse rows that no read would ever find."""
        name, rows = window.watermark, relation(self.source)
        (nulls,) = opened.answer(f"SELECT count(*) FROM {rows} WHERE {column(name)} IS NULL")
        if nulls:
            raise SourceError(
                f"{self.describe()}: expected a watermark in every row, found {nulls:,} rows without {name!r}. Fill "
                "it, or read a query: SELECT ..., coalesce(...) AS ..."
            )
        if not (landed := window.landed_at_the_border()):
            return
        (found,) = opened.answer(f"SELECT count(*) FROM {rows}{landed}")
        if found > self.begun["rows"]:
            raise SourceError(
                f"{self.describe()}: expected no further rows with {name} = {self.begun['watermark']}, at which the "
                f"last read ended; found {found - self.begun['rows']:,} more. Set `source.key` to a column that grows "
                "with the rows of one watermark"
            )

    def _end(self, opened: Session, window: Window) -> "Position":
        border, rows = window.border, relation(self.source)
        position = {"of": self.source.described(), "watermark": border.value, "inclusive": border.inclusive}
        if not border.inclusive or border.value is None:
            return position
        last = f"FROM {rows} WHERE {column(window.watermark)} = {literal(border.value)}"
        (position["rows"],) = opened.answer(f"SELECT count(*) {last}")
        if window.key:
            key = column(window.key)
            found = opened.answer(f"SELECT {key} {last} ORDER BY {key} DESC LIMIT 1")
            position["key"] = _plain(found[0]) if found else self.begun.get("key")
        return position

    def _waiting(self, opened: Session, window: Window) -> str:
        """Describe the rows after the border."""
        border = window.border
        if border.value is None:
            return ""
        beyond = f"{column(window.watermark)} {'>' if border.inclusive else '>='} {literal(border.value)}"
        (count,) = opened.answer(f"SELECT count(*) FROM {relation(self.source)} WHERE {beyond}")
        place = f"{window.watermark} {'after' if border.inclusive else 'from'} {border.value}"
        return f": {count:,} rows with {place} wait for the next read" if count else ""


def _plain(value: Any) -> Any:
    """Return a key as JSON has it. A database converts a text to the key's type."""
    return value if isinstance(value, int | float | str) else str(value)
