"""The SQL of a join of stored parts, for DuckDB."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from config.sources.joined import Aggregate, Join
from tabular.formats import Format
from tasks.sources.databases.statements import literal, quoted
from tasks.sources.joins.parts import KEY, ROW
from tasks.sources.source import REASON_COLUMN

MATCHED = "__matched__"
"""The column that is true where a row matches; null elsewhere."""
NUMERIC = ("sum", "mean", "min", "max")


def rows_of(path: Path) -> str:
    """Return the relation of a stored part."""
    return f"read_parquet({literal(str(path))})"


def key(name: str) -> str:
    """Return the column with the texts of a key."""
    return quoted(f"{KEY}{name}")


def number(name: str, format: Format) -> str:
    """Return a column as a number. It is null for a missing value and for a text that is no number."""
    text = f"trim(CAST({quoted(name)} AS VARCHAR))"
    if format.thousands:
        text = f"replace({text}, {literal(format.thousands)}, '')"
    if format.decimal != ".":
        text = f"replace({text}, {literal(format.decimal)}, '.')"
    return f"TRY_CAST({stated(name, format, text)} AS DOUBLE)"


def stated(name: str, format: Format, text: str | None = None) -> str:
    """Return the text of a column, or `text`; null where the column is missing."""
    trimmed = f"trim(CAST({quoted(name)} AS VARCHAR))"
    missing = ", ".join(map(literal, ["", *format.missing]))
    return f"CASE WHEN {trimmed} IN ({missing}) THEN NULL ELSE {text or quoted(name)} END"


def aggregated(aggregate: Aggregate, format: Format) -> str:
    """Return the expression of one value of all rows of a key. First and last go by the order of the part's rows."""
    name, function = aggregate.of, aggregate.function
    if name is None:
        return "count(*)"
    if function in ("first", "last"):
        least = "arg_min" if function == "first" else "arg_max"
        return f"{least}({quoted(name)}, {quoted(ROW)}) FILTER (WHERE {stated(name, format)} IS NOT NULL)"
    if function == "count":
        return f"count({stated(name, format)})"
    return f"{'avg' if function == 'mean' else function}({number(name, format)})"


def part(join: Join, path: Path, added: Mapping[str, str], keys: Sequence[str], format: Format) -> str:
    """Return the SELECT of the part's keys and of its columns to add.

    `added` has the column of the part by its name in the joined rows, unless `join.aggregate` has it; `keys` are the
    keys of later joins that the part has.
    """
    own = [key(name) for name in join.key_columns]
    there = " AND ".join(f"{each} IS NOT NULL" for each in own)
    rows = f"FROM {rows_of(path)} WHERE {there}"
    if join.aggregate:
        values = [f"{aggregated(each, format)} AS {quoted(name)}" for name, each in join.aggregate.items()]
        return f"SELECT {', '.join([*own, f'true AS {quoted(MATCHED)}', *values])} {rows} GROUP BY {', '.join(own)}"
    values = [f"{quoted(column)} AS {quoted(name)}" for name, column in added.items()]
    return f"SELECT {', '.join([*own, f'true AS {quoted(MATCHED)}', *values, *map(key, keys)])} {rows}"


def joined(join: Join, so_far: str, selected: str, names: Sequence[str], keys: Sequence[str]) -> str:
    """Return the SELECT of the rows so far with the part's columns and keys. Malformed rows of the base stay."""
    columns = ", ".join(["l.*", *(f"p.{quoted(name)}" for name in names), *(f"p.{key(name)}" for name in keys)])
    kept = f" WHERE p.{quoted(MATCHED)} OR l.{quoted(REASON_COLUMN)} IS NOT NULL" if join.how == "inner" else ""
    return f"SELECT {columns} FROM {so_far} l LEFT JOIN ({selected}) p ON {_equal(join)}{kept}"


def several(join: Join, so_far: str, path: Path) -> str:
    """Return the SELECT of the keys that rows so far have and several rows of the part: their texts, the number."""
    keys = ", ".join(map(key, join.key_columns))
    shown = ", ".join(f"l.{key(name)}" for name in join.key_columns)
    repeated = f"SELECT {keys}, count(*) AS n FROM {rows_of(path)} GROUP BY {keys} HAVING count(*) > 1"
    return f"SELECT {shown}, p.n FROM {so_far} l JOIN ({repeated}) p ON {_equal(join)} GROUP BY ALL ORDER BY ALL"


def unmatched(join: Join, so_far: str, path: Path) -> str:
    """Return the SELECT of the rows so far that match no row of the part, in order: the texts of their keys."""
    shown = ", ".join(f"l.{key(name)}" for name in join.key_columns)
    sound = f"l.{quoted(REASON_COLUMN)} IS NULL"
    part = f"{rows_of(path)} p"
    return f"SELECT {shown} FROM {so_far} l ANTI JOIN {part} ON {_equal(join)} WHERE {sound} ORDER BY l.{quoted(ROW)}"


def unread(join: Join, path: Path, format: Format) -> dict[str, str]:
    """Return, by column, the SELECT of the texts that an aggregate needs as numbers and that are none."""
    names = {each.of for each in (join.aggregate or {}).values() if each.of and each.function in NUMERIC}
    return {
        name: f"SELECT {quoted(name)} FROM {rows_of(path)} "
        f"WHERE {number(name, format)} IS NULL AND {stated(name, format)} IS NOT NULL ORDER BY {quoted(ROW)}"
        for name in sorted(names)
    }


def _equal(join: Join) -> str:
    return " AND ".join(f"l.{key(name)} = p.{key(name)}" for name in join.key_columns)
