"""Checks that a use case's split fits its columns."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from config.splits import GroupSplit, TimeSplit, ValueSplit
from tabular.expressions import ExpressionError
from tabular.suggestions import did_you_mean

if TYPE_CHECKING:
    from config.use_case import UseCase

_PARTS: tuple[Literal["test", "validation"], ...] = ("test", "validation")


def split_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes between the split and the columns, as `key: expected ..., found ...`."""
    for where, name in _split_columns(case):
        for source in case.sources_of(name) if name in case.derived else (name,):
            yield from required(case, source, where)
        if (column := case.columns.get(name)) and column.type == "text":
            yield f"{where}: expected a column with values that repeat or have an order, found the text {name!r}"
    yield from _time_problems(case)
    yield from _value_problems(case)


def required(case: "UseCase", name: str, where: str) -> Iterator[str]:
    """Yield that a column, which the key `where` names, does not exist or may be missing."""
    if name not in case.columns:
        yield f"{where}: {unknown(case, name)}"
    elif case.columns[name].nullable:
        yield f"columns.{name}.nullable: expected false, because {where} needs it; found true"


def unknown(case: "UseCase", name: str) -> str:
    """Return that a name is not one of a column, with the nearest one."""
    if name in case.windows:
        return f"expected columns of the schema, found the window {name!r}"
    return f"expected columns of the schema, found {name!r}{did_you_mean(name, (*case.columns, *case.derived))}"


def _split_columns(case: "UseCase") -> Iterator[tuple[str, str]]:
    """The key and the name of each column that a split by group or time names."""
    if isinstance(case.split, GroupSplit | TimeSplit):
        key = "split.columns" if len(case.split.names) > 1 else "split.column"
        yield from ((key, name) for name in case.split.names)


def _time_problems(case: "UseCase") -> Iterator[str]:
    if not isinstance(case.split, TimeSplit):
        return
    name = case.split.column
    if name in case.derived and case.derived[name].type == "category":
        yield f"split.column: expected a column with an order, found {name!r}, which is true or false"
    if (column := case.columns.get(name)) and column.type == "category":
        yield (
            f"split.column: expected an integer, number, date or datetime to split by time, found the category "
            f"{name!r}, whose texts sort alphabetically. Write `type: date` and, unless its "
            'dates look like 2026-01-31, their format, such as `format: "%d/%m/%Y"`'
        )


def _value_problems(case: "UseCase") -> Iterator[str]:
    if not isinstance(case.split, ValueSplit):
        return
    for part in _PARTS:
        try:
            if not (parsed := case.split.expression(part, case.resolved.fields)).names:
                yield f"split.{part}: expected an expression over at least one column; found {parsed.text!r}"
        except ExpressionError as error:
            yield f"split.{part}: {error}"
    if case.split.test == case.split.validation:
        yield "split.validation: expected other rows than those of split.test, found the same expression"
