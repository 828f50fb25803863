"""The columns of ground truth: which prediction a row is about, its true value, its time and its groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.columns import Column
from tabular.formats import Format
from tabular.suggestions import listed
from tasks.batch.columns import ScoringColumns
from tasks.model_contract import with_marks

INFERENCE_ID, INFERENCE_ROW, TIME = "inference_id", "inference_row", "time"
"""The names of these columns in a source of ground truth."""
LONGEST_INFERENCE_ID = 64
"""The most characters of an InferenceId (API reference: InvokeEndpoint)."""
ROW, TARGET, ORDER = "row", "target", "input_row"
"""Stored columns: the row number in the request, the true class or value, and the row number in the source."""
KEY, GROUP = "key_", "group_"
"""The prefixes of the stored columns of the key and of groups."""


@dataclass(frozen=True)
class TruthColumns:
    """The columns that are read from one source of ground truth."""

    reading: ScoringColumns
    """All of them, with their types and their names in the source."""
    key: tuple[str, ...]
    """The columns of the key; empty when the source lacks one of them."""
    groups: tuple[str, ...]
    """The columns of groups that the source has."""
    by_rule: bool
    """Whether the true value is computed from the columns of the target's rule."""

    @cached_property
    def has_inference_id(self) -> bool:
        """Whether the source names inferences."""
        return INFERENCE_ID in self.reading.known


def columns_of(use_case: UseCase, found: Sequence[str], format: Format, source: str) -> TruthColumns:
    """Return the columns to read from a source with the headers `found`.

    Raises SourceError when it lacks the columns that identify a prediction, or those of the true value.
    """
    there = [name for name, header in use_case.headers.items() if header in found]
    own = {name: each for name, each in _own().items() if name in found and name not in use_case.headers.values()}
    key = use_case.key if use_case.key and set(use_case.key) <= set(there) else ()
    if not key and INFERENCE_ID not in own:
        wanted = f", or the key: {listed(_headers(use_case, use_case.key))}" if use_case.key else ""
        raise SourceError(f"{source}: expected the column {INFERENCE_ID!r}{wanted}; found {listed(found)}")
    target = _target(use_case, found, there, source)
    groups = tuple(name for name in _groups(use_case) if name in there and name not in (*key, *target))
    own |= with_marks({**{name: use_case.columns[name] for name in (*key, *groups)}, **target}, format)
    known = {name: replace(each, nullable=True) for name, each in own.items()}
    headers = {name: use_case.headers.get(name, name) for name in known}
    by_rule = use_case.target.rule is not None and use_case.target.column not in target
    return TruthColumns(ScoringColumns(known, headers, frozenset(known), True), tuple(key), groups, by_rule)


def _own() -> dict[str, Column]:
    """The columns that a source of ground truth may have beside the use case's own."""
    return {
        INFERENCE_ID: Column(INFERENCE_ID, "text", nullable=True, max_length=LONGEST_INFERENCE_ID),
        INFERENCE_ROW: Column(INFERENCE_ROW, "integer", minimum=0, nullable=True),
        TIME: Column(TIME, "datetime", nullable=True),
    }


def _target(use_case: UseCase, found: Sequence[str], there: Sequence[str], source: str) -> dict[str, Column]:
    """Return the columns of the true value: the target, or those of its rule."""
    target = use_case.target
    if target.rule is None:
        if target.column in there:
            return {target.column: use_case.columns[target.column]}
        raise SourceError(
            f"{source}: expected the target {use_case.headers[target.column]!r}; found {listed(found)}. Add the column"
        )
    if target.column in found:
        return {target.column: Column(target.column, "category", categories=target.classes)}
    needed = [name for name in use_case.columns if name in use_case.target_sources]
    if not set(needed) <= set(there):
        raise SourceError(
            f"{source}: expected the target {target.column!r}, or the columns of its rule, "
            f"{listed(_headers(use_case, needed))}; found {listed(found)}"
        )
    return {name: use_case.columns[name] for name in needed}


def _groups(use_case: UseCase) -> Iterator[str]:
    """Yield the columns that may group rows: those of fairness, and others with categories that are not sensitive."""
    fairness = use_case.evaluation.fairness
    declared = fairness.columns if fairness else ()
    yield from declared
    for name, column in use_case.columns.items():
        if name not in declared and column.categories and not column.sensitive:
            yield name


def _headers(use_case: UseCase, names: Sequence[str]) -> list[str]:
    return [use_case.headers[name] for name in names]


def stored_schema(use_case: UseCase, columns: TruthColumns) -> pa.Schema:
    """Return the schema of the stored rows of ground truth."""
    classes = use_case.target.classes
    typed = columns.reading.typed
    return pa.schema(
        [
            pa.field(INFERENCE_ID, pa.string()),
            pa.field(ROW, pa.int64()),
            *(pa.field(f"{KEY}{name}", typed.field(name).type) for name in columns.key),
            pa.field(TIME, pa.timestamp("us")),
            pa.field(TARGET, pa.string() if classes else pa.float64()),
            *(pa.field(f"{GROUP}{name}", pa.string()) for name in columns.groups),
            pa.field(ORDER, pa.int64()),
        ]
    )
