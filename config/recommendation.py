"""Recommendations: the items that the model expects the best targets of, for one user."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field

from config.documents import Document, Integer, repeats
from config.split_consistency import required, unknown
from tabular.date_formats import TEMPORAL

if TYPE_CHECKING:
    from config.use_case import UseCase

RecommendationMetric = Literal["recommendation_hit_rate", "recommendation_regret"]
"""The metrics of the recommendations for held-out rows. `tabular.evidence.recommendation` defines them."""
RECOMMENDATION_METRICS: tuple[str, ...] = get_args(RecommendationMetric)


class Recommendation(Document):
    """Which column has the users, which has the items, and what is recommended. A row is one user with one item."""

    user: str
    """The column with the users: students, customers."""
    item: str
    """The column with the items that are recommended: courses, products."""
    item_features: tuple[str, ...] = ()
    """The columns whose values are of the item. All others are of the user, or of the time."""
    time: str | None = None
    """The column that orders the rows. The default is the column of a split by time, else the order of the rows."""
    top: Integer = Field(default=5, ge=1, le=1000)
    """How many items are recommended."""
    available: Literal["not_taken_before", "all"] = "not_taken_before"
    """The items that a user may get: those without a row of this user, or all."""
    best: Literal["highest", "lowest"] = "highest"
    """Whether a high or a low target is good. Of a binary target, the second class is high."""


def time_column(case: "UseCase") -> str | None:
    """Return the column that orders the rows of a user; None for the order of the rows."""
    rules = case.recommendation
    if rules and rules.time:
        return rules.time
    return case.split.column if case.split.by == "time" and case.split.column in case.columns else None


def recommendation_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes between `recommendation` and the other parts of a use case."""
    yield from _gates(case)
    if (rules := case.recommendation) is None:
        return
    if case.target.task == "multiclass":
        yield "recommendation: expected a regression or a binary target, whose values have an order; found multiclass"
    if rules.user == rules.item:
        yield f"recommendation.item: expected another column than the user's, found {rules.item!r}"
    for key, name in {"user": rules.user, "item": rules.item}.items():
        yield from _identifier(case, f"recommendation.{key}", name)
    yield from _item_features(case)
    yield from _time(case)


def _gates(case: "UseCase") -> Iterator[str]:
    for number, gate in enumerate(case.evaluation.gates):
        if gate.metric in RECOMMENDATION_METRICS and case.recommendation is None:
            yield f"evaluation.gates.{number}.metric: expected `recommendation` in the use case for {gate.metric}"


def _identifier(case: "UseCase", where: str, name: str) -> Iterator[str]:
    yield from required(case, name, where)
    if name in case.target_sources:
        yield f"{where}: expected no column that the target is computed from, found {name!r}"
    if (column := case.columns.get(name)) and column.type not in ("integer", "category", "text"):
        yield f"{where}: expected an integer, a category or a text, found the {column.type} {name!r}"
    if column and column.sensitive:
        yield f"{where}: expected a column that may be shown, found {name!r}, which is sensitive"


def _item_features(case: "UseCase") -> Iterator[str]:
    rules = case.recommendation
    if rules is None:
        return
    where = "recommendation.item_features"
    yield from (f"{where}: expected each column once, found {name!r} again" for name in repeats(rules.item_features))
    for name in dict.fromkeys(rules.item_features):
        if name not in case.columns:
            yield f"{where}: {unknown(case, name)}"
        elif name in (rules.user, rules.item, *case.target_sources):
            yield f"{where}: expected columns other than user, item and target, found {name!r}"
    if not {rules.item, *rules.item_features}.intersection(case.request_columns):
        yield (
            f"features: expected {rules.item} or one of recommendation.item_features among them, found none: every "
            "item would have the same prediction"
        )


def _time(case: "UseCase") -> Iterator[str]:
    rules = case.recommendation
    if rules is None or rules.time is None:
        return
    yield from required(case, rules.time, "recommendation.time")
    column = case.columns.get(rules.time)
    if column and column.type not in (*TEMPORAL, "integer", "number"):
        expected = "a date, datetime, integer or number"
        yield f"recommendation.time: expected {expected}, found the {column.type} {rules.time!r}"
