"""Makes example rows that fit a contract. They are made from the columns' bounds and categories, never from data."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from serving.readers.request_rows import objects
from tabular.checked import check_columns
from tabular.columns import Column
from tabular.contract import Contract
from tabular.date_formats import ISO, TEMPORAL

TEXT = "some text"
MOMENT = datetime(2024, 1, 15, 12, 30)
STEPS = 200
"""The number of neighbouring values that are tried, because a marker of a missing value can be any number."""


def example_row(contract: Contract) -> dict[str, Any]:
    """Return a row that fits every feature of a contract."""
    return {column.name: example_value(column) for column in contract.features}


def example_value(column: Column) -> Any:
    """Return a value that fits a column and is not missing. Returns None if none is found and it is nullable.

    Raises ValueError if none is found otherwise.
    """
    candidates = list(_candidates(column))
    checked = check_columns({column.name: objects(candidates)}, [column], len(candidates))
    missing = checked.values[column.name].is_null().to_pylist()
    fitting = [value for value, bad, null in zip(candidates, checked.bad_rows, missing, strict=True) if not bad | null]
    if not fitting and not column.nullable:
        raise ValueError(f"column {column.name!r}: expected a value that fits, found none. {column.expected}")
    return fitting[0] if fitting else None


def _candidates(column: Column) -> Sequence[Any]:
    if column.categories:
        return column.categories
    if column.type in ("category", "text"):
        return [TEXT[: column.longest], *"abcdefghijklmnopqrstuvwxyz"]
    if column.type in TEMPORAL:
        return [moment.strftime(column.format or ISO[column.type]) for moment in _moments(column)]
    numbers = list(_numbers(column))
    return [round(number) for number in numbers] if column.type == "integer" else numbers


def _numbers(column: Column) -> Iterator[float]:
    """Yield numbers from the middle of the bounds."""
    least, most = _limit(column.minimum), _limit(column.maximum)
    if least is not None and most is not None:
        yield from (least + (most - least) * share for share in _shares())
    elif most is not None:
        yield from (most - step for step in range(STEPS))
    else:
        yield from ((least or 0) + step for step in range(1, STEPS))


def _limit(limit: float | datetime | None) -> float | None:
    return None if isinstance(limit, datetime) else limit


def _shares() -> Iterator[float]:
    """Yield numbers from 0 to 1: a half, the quarters, and so on."""
    parts = 2
    while parts <= STEPS:
        yield from (number / parts for number in range(1, parts, 2))
        parts *= 2
    yield from (0.0, 1.0)


def _moments(column: Column) -> Iterator[datetime]:
    """Yield moments from the earliest valid one on, or from the latest one back."""
    first, step = MOMENT, timedelta(1)
    if isinstance(column.minimum, datetime):
        first = column.minimum
    elif isinstance(column.maximum, datetime):
        first, step = column.maximum, timedelta(-1)
    yield from (first + days * step for days in range(STEPS))
