"""Compares two versions: their columns, their rows by key, and their columns' figures."""

# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks.landing.columns import columns_of
from tasks.landing.queries import Queries, queries, quoted
from tasks.landing.statistics import ColumnStatistics, statistics


@dataclass(frozen=True)
class RowChanges:
    """The rows that differ, by the use case's key."""

    added: int
    removed: int
    changed: int
    unchanged: int
    by_column: dict[str, int]
    """The number of changed rows in which a column differs."""


@dataclass(frozen=True)
class Comparison:
    """What differs from one version to another."""

    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    types_changed: tuple[str, ...]
    """`name: from to`."""
    rows: RowChanges | None
    """None where the key does not identify the rows of both versions: then only the figures are compared."""
    why_not: str
    """Why there are no rows; empty otherwise."""
    figures: tuple[tuple[ColumnStatistics, ColumnStatistics], ...]
    """The figures of the columns that both have, before and after."""


def compare(use_case: UseCase, before: Sequence[Path], after: Sequence[Path]) -> Comparison:
    """Compare the files of two versions, which `reading.downloaded` gives."""
    own = [column.name for column in columns_of(use_case) if column.name in use_case.columns]
    old, new = ({field.name: str(field.type) for field in pq.read_schema(files[0])} for files in (before, after))
    figures = [{each.name: each for each in statistics(use_case, files)} for files in (before, after)]
    shared = [name for name in own if name in old and name in new]
    with queries(before=before, after=after) as found:
        why_not = _why_not(found, use_case.key, shared)
        rows = None if why_not else _row_changes(found, use_case.key, shared)
    return Comparison(
        columns_added=tuple(name for name in new if name not in old),
        columns_removed=tuple(name for name in old if name not in new),
        types_changed=tuple(f"{name}: {old[name]} to {new[name]}" for name in shared if old[name] != new[name]),
        rows=rows,
        why_not=why_not,
        figures=tuple((figures[0][name], figures[1][name]) for name in shared),
    )


def count_added(use_case: UseCase, before: Sequence[Path], after: Sequence[Path]) -> int:
    """Count the well-formed rows of the version `after` that `before` does not have: new rows and changed ones.

    Rows are compared by the use case's columns that both have, so a new column alone adds none.
    """
    old, new = (set(pq.read_schema(files[0]).names) for files in (before, after))
    own = ", ".join(
        quoted(each.name) for each in columns_of(use_case) if each.name in use_case.columns.keys() & old & new
    )
    rows = [f"SELECT {own} FROM {name} WHERE malformed IS NULL" for name in ("after", "before")]
    with queries(before=before, after=after) as found:
        (count,) = found.row(f"SELECT count(*) FROM ({rows[0]} EXCEPT ALL {rows[1]})")
    return int(count)


def _why_not(found: Queries, key: Sequence[str], shared: Sequence[str]) -> str:
    """Return why the rows of both versions have no common key; empty if they have one."""
    if not key:
        return "the use case has no key"
    if missing := [name for name in key if name not in shared]:
        return f"a version has no column {missing[0]}"
    names = ", ".join(map(quoted, key))
    for version in ("before", "after"):
        (repeats,) = found.row(f"SELECT count(*) - count(DISTINCT ({names})) FROM {version} WHERE malformed IS NULL")
        if repeats:
            return f"the key repeats in {repeats:,} rows of the version {version}"
    return ""


def _row_changes(found: Queries, key: Sequence[str], shared: Sequence[str]) -> RowChanges:
    """Join the well-formed rows of both versions by their key."""
    same = " AND ".join(f"b.{quoted(name)} IS NOT DISTINCT FROM a.{quoted(name)}" for name in key)
    others = [name for name in shared if name not in key]
    differs = [f"b.{quoted(name)} IS DISTINCT FROM a.{quoted(name)}" for name in others]
    both = "b.there AND a.there"
    counts = [f"count(*) FILTER ({both} AND ({each}))" for each in differs]
    changed = " OR ".join(differs) or "false"
    sides = [f"(SELECT *, true AS there FROM {name} WHERE malformed IS NULL)" for name in ("before", "after")]
    total = found.row(
        f"SELECT count(*) FILTER (b.there IS NULL), count(*) FILTER (a.there IS NULL), "
        f"count(*) FILTER ({both} AND ({changed})), count(*) FILTER ({both} AND NOT ({changed})) "
        f"{''.join(', ' + each for each in counts)} FROM {sides[0]} b FULL JOIN {sides[1]} a ON {same}"
    )
    by_column = {name: count for name, count in zip(others, total[4:], strict=True) if count}
    return RowChanges(total[0], total[1], total[2], total[3], by_column)
