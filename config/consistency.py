"""Checks that the parts of a use case fit each other. Each function yields the mistakes that it finds, by key."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from config.candidates import ALGORITHMS, METRICS
from config.column_names import RESERVED_IN_REQUESTS, name_problem
from config.distributed_consistency import distributed_problems
from config.documents import repeats
from config.error_costs import cost_problems
from config.fairness_consistency import fairness_problems
from config.feature_store import feature_store_problems
from config.features import feature_problems
from config.hyperparameters import problems as hyperparameter_problems
from config.recommendation import RECOMMENDATION_METRICS, recommendation_problems
from config.split_consistency import required, split_problems, unknown
from config.stacks import stack_problems
from config.tuning_consistency import tuning_problems
from config.windows import window_problems
from tabular.date_formats import TEMPORAL
from tabular.expressions import ExpressionError, Field, parse

if TYPE_CHECKING:
    from config.use_case import UseCase


def problems(case: "UseCase") -> list[str]:
    """Return every mistake between the parts of `case`, as `key: expected ..., found ...`."""
    return [problem for rule in RULES for problem in rule(case)]


def fields(case: "UseCase") -> dict[str, Field]:
    """The columns, and the valid derived ones, as fields of an expression."""
    return case.resolved.fields


def _engine(case: "UseCase") -> Iterator[str]:
    if case.engine == "local":
        return
    if case.source.kind != "location":
        yield f"engine: expected local for a source of kind {case.source.kind}, found spark. Spark reads one file in S3"
    elif case.source.sha256 is not None:
        yield "source.sha256: expected none with engine: spark, which reads the parts of a file in parallel; found one"


def _release(case: "UseCase") -> Iterator[str]:
    if case.hosting.kind != "serverless":
        return
    for key in case.release.needs_instances:
        yield (
            f"{key}: expected hosting of kind instances, because SageMaker moves all traffic of a serverless endpoint "
            f"at once and gives it no shadow; found serverless. Remove {key}, or set hosting: {{kind: instances}}"
        )


def _retraining(case: "UseCase") -> Iterator[str]:
    if case.retraining and not case.has_source:
        yield "retraining: expected a source that is read without --source, because no person is there; found none"


def _rule(case: "UseCase") -> Iterator[str]:
    if case.target.rule is None:
        return
    if case.target.column in case.columns:
        yield f"target.column: expected a name for the rule's result, found the column {case.target.column!r}"
    try:
        if not parse(case.target.rule, fields(case), "boolean").names:
            yield f"target.rule: expected a rule over at least one column; found {case.target.rule!r}"
    except ExpressionError as error:
        yield f"target.rule: {error}"


def _derived(case: "UseCase") -> Iterator[str]:
    for name in case.derived:
        if problem := name_problem(name):
            yield f"derived: {problem.partition('. Rename')[0]}"
        if name in (*case.columns, *case.known_only_afterwards, case.target.column):
            yield f"derived: expected names that no column has, found {name!r} again"
    for name, problem in case.resolved.problems.items():
        yield f"derived.{name}.expression: {problem}"


def _target(case: "UseCase") -> Iterator[str]:
    target = case.target
    if target.rule is not None:
        if problem := name_problem(target.column):
            yield f"target.column: {problem.partition('. Rename')[0]}"
        return
    if (column := case.columns.get(target.column)) is None:
        yield f"target.column: {unknown(case, target.column)}"
        return
    if column.nullable:
        yield f"columns.{target.column}.nullable: expected false, because it is the target; found true"
    if column.type in (*TEMPORAL, "text"):
        yield f"target.column: expected a category, integer or number, found the {column.type} {target.column!r}"
        return
    if target.task == "regression" and column.type == "category":
        yield "target.column: expected a number for a regression, found a category"
    if target.task != "regression" and column.categories != target.classes:
        yield (
            f"target.classes: expected the categories of {target.column}, {', '.join(column.categories or ('none',))}; "
            f"found {', '.join(target.classes or ('none',))}"
        )


def _features(case: "UseCase") -> Iterator[str]:
    names = [*case.plain_features, *(each.name for each in case.engineered)]
    yield from (f"features: expected each column once, found {name!r} again" for name in repeats(names))
    for name in case.inputs:
        sources, column = case.sources_of(name), case.columns.get(name)
        if name in case.plain_features and name not in (*case.columns, *case.derived, *case.windows):
            yield f"features: {unknown(case, name)}"
        elif column and column.type in TEMPORAL and name in case.plain_features:
            expected = "integers, numbers, categories, texts and derived columns such as `month(day)`"
            yield f"features: expected {expected}, found the {column.type} {name!r}"
        if case.target_sources.intersection((name, *sources)):
            yield f"features: expected no column that the target is computed from, found {name!r}"


def _columns(case: "UseCase") -> Iterator[str]:
    for header in repeats(case.headers.values()):
        yield f"columns: expected each header once, found {header!r} again"
    yield from (f"columns: {problem}" for name in case.columns if (problem := name_problem(name)))
    if "" in case.headers.values():
        yield "columns: expected a header with visible characters, found only blanks"
    if leaks := sorted(set(case.known_only_afterwards) & set(case.columns)):
        yield f"columns: expected no column of known_only_afterwards, found {', '.join(leaks)}"
    for name in repeats(case.known_only_afterwards):
        yield f"known_only_afterwards: expected each column once, found {name!r} again"


def _key(case: "UseCase") -> Iterator[str]:
    yield from (f"key: expected each column once, found {name!r} again" for name in repeats(case.key))
    for name in dict.fromkeys(case.key):
        if name in case.derived:
            yield f"key: expected columns of the source, found the derived column {name!r}"
        else:
            yield from required(case, name, "key")


def _quality(case: "UseCase") -> Iterator[str]:
    for number, rule in enumerate(case.quality.rows):
        try:
            if not parse(rule.rule, fields(case), "boolean").names:
                yield f"quality.rows.{number}.rule: expected a rule over at least one column; found {rule.rule!r}"
        except ExpressionError as error:
            yield f"quality.rows.{number}.rule: {error}"
    named = {
        f"quality.references.{number}.columns": each.columns for number, each in enumerate(case.quality.references)
    }
    for where, names in {**named, "quality.duplicates.columns": case.quality.duplicates.columns}.items():
        yield from (f"{where}: {unknown(case, name)}" for name in names if name not in case.columns)
    if fresh := case.quality.freshness:
        column = case.columns.get(fresh.column)
        if column is None:
            yield f"quality.freshness.column: {unknown(case, fresh.column)}"
        elif column.type not in TEMPORAL:
            yield f"quality.freshness.column: expected a date or datetime, found the {column.type} {fresh.column!r}"


def _candidates(case: "UseCase") -> Iterator[str]:
    task = case.target.task
    for name in repeats(candidate.name for candidate in case.candidates):
        yield f"candidates: expected each name once, found {name!r} again"
    for number, candidate in enumerate(case.candidates):
        if candidate.algorithm not in ALGORITHMS[task]:
            expected = f"one of {', '.join(ALGORITHMS[task])} for a {task} target"
            yield f"candidates.{number}.algorithm: expected {expected}, found {candidate.algorithm}"
        else:
            yield from hyperparameter_problems(candidate, f"candidates.{number}.hyperparameters", case.target)
            yield from tuning_problems(case, candidate, f"candidates.{number}")


def _metrics(case: "UseCase") -> Iterator[str]:
    task = case.target.task
    gates = {f"evaluation.gates.{number}.metric": gate.metric for number, gate in enumerate(case.evaluation.gates)}
    for key, metric in {"evaluation.primary": case.evaluation.primary, **gates}.items():
        if metric not in (*METRICS[task], *RECOMMENDATION_METRICS):
            yield f"{key}: expected one of {', '.join(METRICS[task])} for a {task} target, found {metric}"


def _leakage(case: "UseCase") -> Iterator[str]:
    for name in case.evaluation.leakage.expected if case.evaluation.leakage else ():
        if name not in case.inputs:
            yield f"evaluation.leakage.expected: expected features, found {name!r}"


def _monitoring(case: "UseCase") -> Iterator[str]:
    for name in sorted(RESERVED_IN_REQUESTS.intersection(case.request_columns)):
        yield (
            f"features: expected a name that live traffic does not use itself, found {name!r}. Rename the column: "
            f"`header: {name}`"
        )
    for name in repeats(case.monitoring.segments):
        yield f"monitoring.segments: expected each feature once, found {name!r} again"
    for name in case.monitoring.segments:
        if problem := _segment_problem(case, name):
            yield f"monitoring.segments: {problem}"


def _segment_problem(case: "UseCase", name: str) -> str | None:
    if name not in case.inputs:
        return f"expected features, found {name!r}"
    derived = case.derived_columns.get(name)
    column = derived.column if derived else case.columns.get(name)
    if column is None or column.type != "category" or not column.categories:
        return f"expected a category with a list of `categories`, found {name!r}"
    if column.sensitive:
        return f"expected no sensitive column, found {name!r}: each of its values would be in the names of profiles"
    return None


RULES: tuple[Callable[["UseCase"], Iterator[str]], ...] = (
    _engine,
    _release,
    _retraining,
    _columns,
    _derived,
    window_problems,
    _rule,
    _target,
    _features,
    feature_problems,
    _key,
    split_problems,
    _quality,
    _candidates,
    stack_problems,
    distributed_problems,
    _metrics,
    cost_problems,
    feature_store_problems,
    fairness_problems,
    recommendation_problems,
    _leakage,
    _monitoring,
)
