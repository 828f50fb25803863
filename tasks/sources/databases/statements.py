"""The text of SQL statements: names, values and conditions, as PostgreSQL and SQLite read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import SourceError
from config.sources import SqlSource

ALIAS = "rows_of_the_source"


def quoted(name: str) -> str:
    """Return an identifier."""
    return '"' + name.replace('"', '""') + '"'


def column(name: str) -> str:
    """Return a column of the relation. Without its relation, SQLite reads an unknown name as a text."""
    return f"{ALIAS}.{quoted(name)}"


def literal(value: Any) -> str:
    """Return a value of a position. PostgreSQL converts a text to the type of the column that it is compared with."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def relation(source: SqlSource) -> str:
    """Return what follows FROM."""
    if source.table:
        return f"{'.'.join(map(quoted, source.table.split('.')))} AS {ALIAS}"
    text = (source.query or "").strip().rstrip(";").rstrip()
    return f"(\n{text}\n) AS {ALIAS}"  # on lines of their own: the query may end with a comment


def ordered(names: Iterable[str | None]) -> str:
    """Return ORDER BY these columns, or nothing."""
    columns = ", ".join(column(name) for name in names if name)
    return f" ORDER BY {columns}" if columns else ""


@dataclass(frozen=True)
class Border:
    """The upper end of an incremental read: all rows up to it are committed, and no row will be added below it."""

    value: int | float | str | None
    """None: there are no rows yet."""
    inclusive: bool
    """Whether rows with this value are read."""


@dataclass(frozen=True)
class Window:
    """The rows after a position, up to a border."""

    watermark: str
    key: str | None
    after: Mapping[str, Any]
    """The position; empty for all rows."""
    border: Border

    def where(self) -> str:
        """Return the condition."""
        if self.border.value is None:
            return " WHERE 1 = 0"
        name = column(self.watermark)
        upper = f"{name} {'<=' if self.border.inclusive else '<'} {literal(self.border.value)}"
        lower = self._lower()
        return f" WHERE {upper}{f' AND {lower}' if lower else ''}"

    def landed_at_the_border(self) -> str | None:
        """Return the condition of the rows that have the position's watermark and were read with it."""
        if not self.after.get("inclusive") or self.after["watermark"] is None:
            return None
        equal = f"{column(self.watermark)} = {literal(self.after['watermark'])}"
        known = f" AND {column(str(self.key))} <= {literal(self.after['key'])}" if self._has_key() else ""
        return f" WHERE {equal}{known}"

    def _lower(self) -> str:
        if (value := self.after.get("watermark")) is None:
            return ""
        name = column(self.watermark)
        if not self.after["inclusive"]:
            return f"{name} >= {literal(value)}"
        later = f"{name} > {literal(value)}"
        if not self._has_key():
            return later
        same = f"{name} = {literal(value)} AND {column(str(self.key))} > {literal(self.after['key'])}"
        return f"({later} OR ({same}))"

    def _has_key(self) -> bool:
        return self.key is not None and self.after.get("key") is not None


def refuse_repeated(names: list[str], shown: str) -> None:
    """Raise SourceError when two columns have one name."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SourceError(
            f"{shown}: expected each column once, found {', '.join(map(repr, twice))} more than once. Rename one of "
            "them in the query: SELECT ... AS ..."
        )
