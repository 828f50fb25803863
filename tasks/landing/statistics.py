"""What the columns of a version hold: nulls, ranges, distinct values and a small histogram."""

# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.use_case import UseCase
from tasks.landing.columns import Kind, columns_of
from tasks.landing.queries import Queries, queries, quoted

BARS = 10
"""The number of bars of a histogram: ranges of equal width, or the most frequent values."""
LONGEST_VALUE = 40
"""The number of characters of a value that are shown."""
OTHER = "other values"


@dataclass(frozen=True)
class Bar:
    """Some rows of a column."""

    label: str
    rows: int


@dataclass(frozen=True)
class ColumnStatistics:
    """A column's figures. Those of a sensitive column have no values."""

    name: str
    kind: Kind
    rows: int
    nulls: int
    distinct: int
    sensitive: bool = False
    minimum: str = ""
    mean: str = ""
    maximum: str = ""
    histogram: tuple[Bar, ...] = ()


def statistics(use_case: UseCase, files: Sequence[Path]) -> list[ColumnStatistics]:
    """Return the figures of the use case's columns that the rows have, in order. Malformed rows count as nulls."""
    with queries(rows=files) as found:
        there = {name for name, *_ in found.rows("DESCRIBE rows")}
        known = [each for each in columns_of(use_case) if each.name in use_case.columns and each.name in there]
        return [_column(found, each.name, each.kind, use_case.columns[each.name].sensitive) for each in known]


def _column(found: Queries, name: str, kind: Kind, sensitive: bool) -> ColumnStatistics:
    column = quoted(name)
    rows, valid, distinct = found.row(f"SELECT count(*), count({column}), count(DISTINCT {column}) FROM rows")
    plain = ColumnStatistics(name, kind, rows, rows - valid, distinct, sensitive)
    if sensitive or not valid:
        return plain
    if kind in ("text", "boolean"):
        return _with(plain, histogram=_frequent(found, column, valid))
    low, mean, high = found.row(f"SELECT min({column}), avg({_number(column, kind)}), max({column}) FROM rows")
    return _with(
        plain,
        minimum=shown(low),
        mean=shown(mean if kind != "datetime" else None),
        maximum=shown(high),
        histogram=_ranges(found, column, kind),
    )


def _with(plain: ColumnStatistics, **figures: Any) -> ColumnStatistics:
    return ColumnStatistics(**{**plain.__dict__, **figures})


def _number(column: str, kind: Kind) -> str:
    return f"epoch({column})" if kind in ("date", "datetime") else column


def _frequent(found: Queries, column: str, valid: int) -> tuple[Bar, ...]:
    top = found.rows(
        f"SELECT {column}, count(*) AS n FROM rows WHERE {column} IS NOT NULL "
        f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {BARS}"
    )
    bars = tuple(Bar(shown(value), count) for value, count in top)
    rest = valid - sum(bar.rows for bar in bars)
    return (*bars, Bar(OTHER, rest)) if rest else bars


def _ranges(found: Queries, column: str, kind: Kind) -> tuple[Bar, ...]:
    """Return bars of equal width between the lowest and the highest finite value."""
    value = _number(column, kind)
    low, high = found.row(
        f"SELECT min({value})::DOUBLE, max({value})::DOUBLE FROM rows WHERE isfinite({value}::DOUBLE)"
    )
    if low is None:
        return ()
    width = (high - low) / BARS or 1.0
    place = f"least(floor(({value}::DOUBLE - {low!r}) / {width!r}), {BARS - 1})::INTEGER"
    counts = dict(found.rows(f"SELECT {place}, count(*) FROM rows WHERE isfinite({value}::DOUBLE) GROUP BY 1"))
    bars = BARS if high > low else 1
    return tuple(Bar(_label(low + number * width, kind), int(counts.get(number, 0))) for number in range(bars))


def _label(start: float, kind: Kind) -> str:
    if kind in ("date", "datetime"):
        return f"from {datetime.fromtimestamp(start, UTC):%Y-%m-%d}"
    return f"from {start:.4g}"


def shown(value: Any) -> str:
    """Return a value as it is shown: a number with at most six digits after the first, a text cut at 40 characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
