"""Checks that the fairness of a use case fits its columns and its task."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from config.documents import repeats
from config.fairness import METRICS
from config.split_consistency import unknown

if TYPE_CHECKING:
    from config.use_case import UseCase

WHERE = "evaluation.fairness"


def fairness_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes in `evaluation.fairness`."""
    rules = case.evaluation.fairness
    if rules is None:
        return
    for name in repeats(rules.columns):
        yield f"{WHERE}.columns: expected each column once, found {name!r} again"
    for name in dict.fromkeys(rules.columns):
        yield from _column(case, name)
    for name, borders in rules.ranges.items():
        if name not in rules.columns:
            yield f"{WHERE}.ranges: expected only columns of {WHERE}.columns, found {name!r}"
        if not borders or any(low >= high for low, high in pairwise(borders)):
            yield f"{WHERE}.ranges.{name}: expected one border or more, ascending; found {list(borders)}"
    yield from _bounds(case)


def _column(case: "UseCase", name: str) -> Iterator[str]:
    rules = case.evaluation.fairness
    if (column := case.columns.get(name)) is None or rules is None:
        yield f"{WHERE}.columns: {unknown(case, name)}"
        return
    if name in case.target_sources:
        yield f"{WHERE}.columns: expected no column that the target is computed from, found {name!r}"
    numbers = column.type in ("integer", "number")
    if numbers and name not in rules.ranges:
        yield f"{WHERE}.ranges: expected the borders of the {column.type} {name!r}, such as [18, 25]; found none"
    if not numbers and name in rules.ranges:
        yield f"{WHERE}.ranges: expected borders only of an integer or number, found the {column.type} {name!r}"
    if not numbers and not column.categories:
        expected = "categories with `categories`, and numbers"
        yield f"{WHERE}.columns: expected {expected}, found the {column.type} {name!r}, whose values have no names"


def _bounds(case: "UseCase") -> Iterator[str]:
    rules, task = case.evaluation.fairness, case.target.task
    for number, bound in enumerate(rules.bounds if rules else ()):
        where = f"{WHERE}.bounds.{number}"
        if bound.metric not in METRICS[task]:
            expected = f"one of {', '.join(METRICS[task])} for a {task} target"
            yield f"{where}.metric: expected {expected}, found {bound.metric}"
        if rules and bound.column is not None and bound.column not in rules.columns:
            yield f"{where}.column: expected one of {', '.join(rules.columns)}, found {bound.column!r}"
