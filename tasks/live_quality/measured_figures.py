"""The measured figures of rows whose true values are known: metrics, subgroups, fairness and coverage of intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from config.use_case import UseCase
from tabular.calibration.file import Calibration
from tabular.evidence import fairness, prediction_sets
from tabular.evidence.bootstrap import distribution
from tabular.evidence.calibration import wilson
from tabular.evidence.groups import Groups, groups_of
from tabular.evidence.judged import JudgedRows
from tasks.ground_truth.columns import GROUP, TARGET
from tasks.live_quality.answered import of_classes, whole_answers
from tasks.live_quality.subgroups import group_columns, least_rows
from tasks.model_contract import contract
from tasks.rows.answer_columns import PREDICTION, probability

ACCURACY, MAE = "accuracy", "mae"
COVERAGE = "coverage"
"""The share of rows whose true value is in the interval, or the set, of their prediction."""


@dataclass(frozen=True)
class MeasuredFigure:
    """A metric of rows with known true values."""

    metric: str
    value: float
    low: float | None
    high: float | None
    rows: int
    group: str = ""
    """The subgroup, such as `school=GP`; of a metric between the groups of a column, the column."""


@dataclass(frozen=True, eq=False)
class AnsweredRows(JudgedRows):
    """Rows with the answers that clients got."""

    answered: np.ndarray | None = None
    """(n,) class numbers, or floats."""

    @cached_property
    def decided(self) -> np.ndarray:
        """The (n,) class numbers that were answered; the predictions of a regression."""
        return self.output if self.answered is None else self.answered


class SmallGroups(BaseModel):
    """The subgroups of a column that have too few rows for figures of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: int
    rows: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """The figures of n rows, and what is left out."""

    figures: tuple[MeasuredFigure, ...]
    small: dict[str, SmallGroups]
    """By column."""
    unanswered: int
    """Rows whose answer is incomplete, or no finite number."""


def measure(
    use_case: UseCase, rows: pa.Table, calibration: Calibration | None, *, intervals: bool = True
) -> Measurement:
    """Return the figures of n rows as `tasks.live_quality.joined.join` gives them.

    The intervals are those of the evaluation: of the bootstrap, of Wilson for an accuracy, exact for a coverage. The
    level of those of subgroups holds for all subgroups together (Bonferroni).
    """
    sound = rows.filter(_answered(use_case, rows))
    judged = _judged(use_case, sound, calibration, intervals=intervals)
    found, small = list[MeasuredFigure](), dict[str, SmallGroups]()
    if sound.num_rows:
        found += _metrics(judged, least_rows(use_case))
        every, least = _groups(use_case, sound), least_rows(use_case)
        together = _simultaneous(judged, sum(int((each.groups.counts >= least).sum()) for each in every.values()))
        for column, grouped in every.items():
            found += _of_groups(use_case, together, column, grouped)
            found += _between(use_case, judged, column, grouped) if intervals else ()
            counts = grouped.groups.counts
            if (few := counts[counts < least]).size:
                small[column] = SmallGroups(groups=len(few), rows=int(few.sum()))
    return Measurement(tuple(found), small, rows.num_rows - sound.num_rows)


def _answered(use_case: UseCase, rows: pa.Table) -> pa.ChunkedArray:
    """Return the (n,) mask of the rows with a whole answer, and a true value of the use case."""
    mask = whole_answers(use_case, rows)
    return pc.and_(mask, of_classes(use_case, rows[TARGET])) if use_case.target.classes else mask


def _judged(use_case: UseCase, rows: pa.Table, calibration: Calibration | None, *, intervals: bool) -> AnsweredRows:
    rules = use_case.model_dump(mode="json", include={"evaluation"})["evaluation"]
    classes = use_case.target.classes
    names = [probability(name) for name in classes or ()] or [PREDICTION]
    output = np.column_stack([rows[name].to_numpy() for name in names])
    return AnsweredRows(
        contract=contract(use_case),
        truth=_numbers(use_case, rows[TARGET]),
        output=output if classes else output[:, 0],
        columns={},
        calibration=calibration,
        settings={"evaluation": rules if intervals else {**rules, "intervals": None}},
        answered=_numbers(use_case, rows[PREDICTION]),
    )


def _numbers(use_case: UseCase, values: pa.ChunkedArray) -> np.ndarray:
    """Return (n,) classes as their numbers, or (n,) floats."""
    if classes := use_case.target.classes:
        return np.asarray(pc.index_in(values.cast(pa.string()), pa.array(classes)).to_numpy(), dtype="int64")
    return np.asarray(values.to_numpy(), dtype="float64")


def _simultaneous(judged: AnsweredRows, groups: int) -> AnsweredRows:
    """Return the rows with the level of intervals that holds for so many subgroups together."""
    intervals = judged.rules.get("intervals")
    if not intervals or groups < 2:
        return judged
    level = 1 - (1 - intervals["level"]) / groups
    rules = {**judged.rules, "intervals": {**intervals, "level": level}}
    return replace(judged, settings={**judged.settings, "evaluation": rules})


def _part(judged: AnsweredRows, places: np.ndarray) -> AnsweredRows:
    answered = None if judged.answered is None else judged.answered[places]
    return replace(judged, truth=judged.truth[places], output=judged.output[places], answered=answered)


def _metrics(
    judged: AnsweredRows, least: int, wanted: tuple[str, ...] = (), group: str = ""
) -> Iterator[MeasuredFigure]:
    """Yield the `wanted` metrics, by default all, and the coverage. Fewer rows than `least` have no intervals."""
    rows = len(judged.truth)
    statistics = distribution(judged) if rows >= least else None
    level = statistics.level if statistics else 0.95
    for name, value in judged.scores.items():
        if not np.isfinite(value) or (wanted and name not in wanted):
            continue
        interval: tuple[float, float] | None = None
        if statistics and name == ACCURACY:
            lows, highs = wilson(np.array([value]), np.array([rows]), level)
            interval = float(lows[0]), float(highs[0])
        elif statistics:
            interval = statistics.challenger[name].interval(level)
        low, high = interval or (None, None)
        yield MeasuredFigure(name, value, low, high, rows, group)
    if covered := prediction_sets.evidence(judged):
        low, high = (covered["low"], covered["high"]) if rows >= least else (None, None)
        yield MeasuredFigure(COVERAGE, covered["coverage"], low, high, rows, group)


@dataclass(frozen=True, eq=False)
class GroupedRows:
    """The groups of those rows whose group is known."""

    places: np.ndarray
    """(k,) places of the rows."""
    groups: Groups
    """Which group each of the k rows is in."""

    def of(self, number: int) -> np.ndarray:
        """Return the places of the rows of a group."""
        return np.asarray(self.places[self.groups.numbers == number])


def _groups(use_case: UseCase, rows: pa.Table) -> dict[str, GroupedRows]:
    """Return the groups of the rows by column: those of fairness, of segments, and that the ground truth gave.

    Their names are declared, so none shows a value of a row.
    """
    declared = dict(group_columns(use_case))
    for name in (name.removeprefix(GROUP) for name in rows.column_names if name.startswith(GROUP)):
        column = use_case.columns.get(name)
        if name not in declared and column and column.categories:
            declared[name] = {"categories": list(column.categories)}
    found = {name: _groups_of(rows, name, each) for name, each in declared.items()}
    return {name: grouped for name, grouped in found.items() if len(grouped.places)}


def _groups_of(rows: pa.Table, name: str, declared: Mapping[str, Any]) -> GroupedRows:
    """Return the groups by the ground truth, and where it gives none by the request; of no group without both."""
    given, asked = f"{GROUP}{name}" in rows.column_names, name in rows.column_names
    values = pa.nulls(rows.num_rows, pa.string())
    if given:
        values = pc.coalesce(values, rows[f"{GROUP}{name}"].combine_chunks())
    if asked:
        values = pc.coalesce(values, rows[name].combine_chunks().cast(pa.string()))
    places = np.arange(rows.num_rows) if asked else np.flatnonzero(values.is_valid())
    return GroupedRows(places, groups_of(declared, values.take(pa.array(places))))


def _of_groups(use_case: UseCase, judged: AnsweredRows, column: str, grouped: GroupedRows) -> Iterator[MeasuredFigure]:
    """Yield the primary metric, the mean error and the coverage of each group that has enough rows."""
    least, wanted = least_rows(use_case), (judged.contract.primary, ACCURACY, MAE)
    for number, name in enumerate(grouped.groups.names):
        if len(places := grouped.of(number)) >= least:
            yield from _metrics(_part(judged, places), least, wanted, f"{column}={name}")


def _between(use_case: UseCase, judged: AnsweredRows, column: str, grouped: GroupedRows) -> Iterator[MeasuredFigure]:
    """Yield the metrics between the groups of a column that the use case has bounds of."""
    rules = use_case.evaluation.fairness
    if rules is None or column not in rules.columns:
        return
    part, intervals = _part(judged, grouped.places), judged.rules.get("intervals") or {}
    found = fairness.compare(part, grouped.groups, rules.minimum_rows, intervals)
    for metric in dict.fromkeys(each.metric for each in rules.bounds if each.column in (None, column)):
        if each := found["between"].get(metric):
            yield MeasuredFigure(metric, each["value"], each["low"], each["high"], len(grouped.places), column)
