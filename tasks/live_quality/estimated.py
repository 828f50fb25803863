"""Estimated quality of live traffic, before its ground truth is there: by version, week and subgroup."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tasks.live_quality import cbpe, residuals
from tasks.live_quality.answered import whole_answers
from tasks.live_quality.evaluated import Evaluated
from tasks.live_quality.figures import Estimated
from tasks.live_quality.sampled_rows import sampled_rows
from tasks.live_quality.subgroups import group_columns, subgroups
from tasks.live_quality.weeks import weeks_of
from tasks.progress import log
from tasks.references.monitoring import LiveFigure, Span
from tasks.rows.answer_columns import PREDICTION, answer_types, probability
from tasks.rows.scored_rows import TIME
from tasks.traffic.hours import Hour, hours

MOST_ROWS = 20_000
"""The rows of a span that are read: more make the interval of an estimate hardly narrower."""
OF_GROUPS = ("accuracy", "mae")
"""The metrics of a subgroup, beside the primary one: the same as are measured."""
UNDEFINED = "it is undefined on the held-out rows, or cannot be estimated from them"


def estimated(use_case: UseCase, span: Span, version: int | None = None) -> tuple[LiveFigure, ...]:
    """Return the estimated metrics of a span's rows, of its weeks and subgroups, for each version or for one.

    A span, a week or a subgroup with fewer rows than the least has none. The assumption is that the probability of the
    truth given the features is that of the held-out rows: a change of it (concept drift) cannot be seen.
    """
    periods = list(dict.fromkeys([span, *weeks_of(span)]))
    whole = Span(since=min(each.since for each in periods), until=max(each.until for each in periods))
    found = hours(use_case, whole, version)
    parts = [_of_version(use_case, periods, number, _those(found, number)) for number in _versions(found)]
    return tuple(figure for part in parts for figure in part)


def _versions(found: Sequence[Hour]) -> list[int]:
    return sorted({hour.version for hour in found if hour.scored})


def _those(found: Sequence[Hour], version: int) -> list[Hour]:
    return [hour for hour in found if hour.version == version]


def _of_version(
    use_case: UseCase, periods: Sequence[Span], version: int, found: Sequence[Hour]
) -> Iterator[LiveFigure]:
    evaluated = Evaluated.of(use_case, version)
    problem = evaluated.problem if evaluated else "expected its evaluation in the registry and S3, found none"
    if evaluated is None or problem:
        log.info("estimate  version %s: nothing is estimated: %s", version, problem)
        return
    for name, reason in not_estimated(use_case, evaluated).items():
        log.info("estimate  version %s: %s is not estimated: %s", version, name, reason)
    rows = sampled_rows(use_case, found, _columns(use_case), MOST_ROWS)
    for period in periods:
        yield from of_rows(use_case, evaluated, version, period, _within(rows, period))


def _columns(use_case: UseCase) -> list[str]:
    groups = [name for name in group_columns(use_case) if name in use_case.request_columns]
    return [TIME, *groups, *answer_types(use_case)]


def _within(rows: pa.Table, period: Span) -> pa.Table:
    times = rows[TIME]
    since, until = (pa.scalar(moment, times.type) for moment in (period.since, period.until))
    return rows.filter(pc.and_(pc.greater_equal(times, since), pc.less(times, until)))


def not_estimated(use_case: UseCase, evaluated: Evaluated) -> dict[str, str]:
    """Return why metrics that the evaluation measured have no estimate, by the metric's name."""
    known = evaluated.evidence.get("metrics", {})
    undefined = {name: UNDEFINED for name in known if evaluated.reference(name) is None}
    recommended = (evaluated.evidence.get("recommendation") or {}).get("rankings", {}).get("model", {})
    return {**undefined, **{f"recommendation_{name}": "it needs the order of a user's items" for name in recommended}}


def of_rows(
    use_case: UseCase, evaluated: Evaluated, version: int, period: Span, rows: pa.Table
) -> Iterator[LiveFigure]:
    """Yield the estimated figures of n scored rows and of their subgroups, given an evaluation without a problem."""
    rows = rows.filter(whole_answers(use_case, rows))
    if rows.num_rows < use_case.monitoring.minimum_rows:
        return
    columns = {name: rows[name].combine_chunks() for name in rows.column_names}
    outputs, level = _outputs(use_case, columns), use_case.evaluation.intervals.level
    for group, places in [("", np.arange(rows.num_rows)), *subgroups(use_case, columns)]:
        for metric, each in _estimates(evaluated, outputs, places, level).items():
            if not group or metric in (use_case.evaluation.primary, *OF_GROUPS):
                yield LiveFigure(
                    metric=metric,
                    kind="estimated",
                    span=period,
                    value=each.value,
                    low=each.low,
                    high=each.high,
                    rows=len(places),
                    version=version,
                    group=group,
                    reference=evaluated.reference(metric, group),
                )


def _outputs(use_case: UseCase, columns: Mapping[str, pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n, classes) probabilities and (n,) decided class numbers, or the (n,) predictions twice."""
    if not (classes := use_case.target.classes):
        predicted = columns[PREDICTION].to_numpy(zero_copy_only=False)
        return predicted, predicted
    output = np.column_stack([columns[probability(name)].to_numpy(zero_copy_only=False) for name in classes])
    decided = pc.index_in(columns[PREDICTION].cast(pa.string()), pa.array(classes, pa.string()))
    return output, decided.to_numpy(zero_copy_only=False)


def _estimates(
    evaluated: Evaluated, outputs: tuple[np.ndarray, np.ndarray], places: np.ndarray, level: float
) -> dict[str, Estimated]:
    output, decided = (each[places] for each in outputs)
    if evaluated.task == "regression":
        return residuals.estimates(output, evaluated.residuals, level)
    return cbpe.estimates(output, decided, evaluated.calibrators, level)
