"""What `vishwaops data` prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from flows.commands.output import console, table
from tasks.landing.comparison import Comparison, RowChanges
from tasks.landing.gc import Garbage
from tasks.landing.statistics import Bar, ColumnStatistics
from tasks.landing.versions import Version

BLOCKS = " ▁▂▃▄▅▆▇█"
"""The heights of a bar of a histogram."""
HIDDEN = "values are hidden"
SHOWN_FREQUENT = 3
"""The number of a text column's most frequent values in the terminal."""


def say(text: str) -> None:
    """Print a line."""
    console.print(text, markup=False, soft_wrap=True)


def show_log(use_case: str, versions: Sequence[Version], given: str) -> None:
    """Print two lines for each version: what it is, and where it comes from."""
    if not versions:
        return say(f"{use_case}: no version yet. Land the first: vishwaops run ingest --use-case {given}")
    for each in versions:
        tags = ", ".join([*(["current"] if each.current else []), *each.tags])
        malformed = f" and {each.malformed:,} malformed" if each.malformed else ""
        say(f"{each.digest}  {each.at:%Y-%m-%d %H:%M:%S} UTC  {each.rows:,} rows{malformed}{tags and '  ' + tags}")
        run, parent = each.run or "none", each.parent or "none"
        say(f"    {each.added_rows:,} written, from {each.source}; run {run}, parent {parent}")
    return None


def show_version(version: Version, size: int, columns: Sequence[ColumnStatistics]) -> None:
    """Print a version and a line for each of its columns."""
    malformed = f" and {version.malformed:,} malformed" if version.malformed else ""
    say(f"version {version.digest}: {version.rows:,} rows{malformed}, {len(columns)} columns, {in_units(size)}")
    say(f"from {version.source}, {version.at:%Y-%m-%d %H:%M:%S} UTC, snapshot {version.snapshot}")
    shown = _statistics("column", "type", "nulls", "distinct", "minimum", "mean", "maximum", "values")
    for each in columns:
        shown.add_row(
            Text(each.name), each.kind, f"{each.nulls:,}", f"{each.distinct:,}", each.minimum, each.mean, each.maximum,
            Text(HIDDEN if each.sensitive else _histogram(each)),
        )  # fmt: skip
    console.print(shown, markup=False)


def _histogram(column: ColumnStatistics) -> str:
    if column.minimum:
        return sparkline(column.histogram)
    shown = [f"{bar.label} {bar.rows:,}" for bar in column.histogram[:SHOWN_FREQUENT]]
    return ", ".join(shown) + (", …" if len(column.histogram) > SHOWN_FREQUENT else "")


def sparkline(bars: Sequence[Bar]) -> str:
    """Return one character for each bar. A bar with rows is never blank."""
    most = max((bar.rows for bar in bars), default=0)
    return "".join(BLOCKS[-(-bar.rows * (len(BLOCKS) - 1) // most)] if most else " " for bar in bars)


def show_comparison(before: Version, after: Version, found: Comparison) -> None:
    """Print what differs from one version to another."""
    say(f"from version {before.digest} ({before.rows:,} rows) to {after.digest} ({after.rows:,} rows)")
    for title, names in (
        ("columns added", found.columns_added),
        ("columns removed", found.columns_removed),
        ("types changed", found.types_changed),
    ):
        if names:
            say(f"{title}: {', '.join(names)}")
    if found.rows:
        _show_rows(found.rows)
    else:
        say(f"rows are not compared one by one: {found.why_not}")
    _show_figures(found.figures)


def _show_rows(rows: RowChanges) -> None:
    counts = {"added": rows.added, "removed": rows.removed, "changed": rows.changed, "equal": rows.unchanged}
    say("rows by key: " + ", ".join(f"{count:,} {what}" for what, count in counts.items()))
    if rows.by_column:
        say("changed: " + ", ".join(f"{name} in {count:,}" for name, count in rows.by_column.items()))


def _show_figures(figures: Sequence[tuple[ColumnStatistics, ColumnStatistics]]) -> None:
    shown = _statistics("column", "nulls", "distinct", "minimum", "mean", "maximum")
    for old, new in figures:
        pairs = [
            (f"{old.nulls:,}", f"{new.nulls:,}"), (f"{old.distinct:,}", f"{new.distinct:,}"),
            (old.minimum, new.minimum), (old.mean, new.mean), (old.maximum, new.maximum),
        ]  # fmt: skip
        if any(one != other for one, other in pairs):
            shown.add_row(Text(old.name), *(one if one == other else f"{one} → {other}" for one, other in pairs))
    if shown.row_count:
        console.print(shown, markup=False)
    else:
        say("the figures of the columns are equal")


def show_garbage(garbage: Garbage, *, deleted: bool) -> None:
    """Print what was deleted, or what can be."""
    for version in garbage.versions:
        say(f"{version.digest}  {version.rows:,} rows, {version.at:%Y-%m-%d %H:%M} UTC, from {version.source}")
    counts = f"{len(garbage.versions):,} version(s) and {len(garbage.files):,} file(s), {in_units(garbage.size)}"
    if deleted:
        say(f"{counts}: deleted")
    else:
        say(f"{counts}, can be deleted" + ("; --delete deletes them" if garbage.files else ""))


def in_units(size: int) -> str:
    """Return a number of bytes as people read it."""
    for unit, bytes_of_it in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_of_it:
            return f"{size / bytes_of_it:.1f} {unit}"
    return f"{size} bytes"


def _statistics(*headings: str) -> Table:
    return table(*headings, right=("nulls", "distinct"), whole=("column",))
