"""The subgroups of live rows: those of `evaluation.fairness` and `monitoring.segments`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from config.fairness import groups
from config.use_case import UseCase
from tabular.evidence.groups import groups_of

MOST = 50
"""The most subgroups of a column; the most frequent ones."""


def group_columns(use_case: UseCase) -> dict[str, dict[str, Any]]:
    """Return what makes the groups of each column as JSON: its `borders`, or its `categories`.

    A segment column without declared categories has none: then its values are.
    """
    segments = use_case.monitoring.segments
    own = {name: {"categories": list(use_case.columns[name].categories or ())} for name in segments}
    return {**own, **groups(use_case)}


def least_rows(use_case: UseCase) -> int:
    """Return the least rows of a subgroup: a smaller one has no figure of its own."""
    rules = use_case.evaluation.fairness
    return rules.minimum_rows if rules else use_case.monitoring.minimum_rows


def subgroups(use_case: UseCase, columns: Mapping[str, pa.Array]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name, such as `school=GP`, and the (k,) places of each subgroup that has enough of n rows.

    `columns` are the (n,) values by column. A column that is not among them has no subgroups.
    """
    for column, declared in group_columns(use_case).items():
        if column in columns:
            for name, places in _largest(columns[column], declared):
                if len(places) >= least_rows(use_case):
                    yield f"{column}={name}", places


def _largest(values: pa.Array, declared: Mapping[str, Any]) -> list[tuple[str, np.ndarray]]:
    if declared.get("categories") == []:
        declared = {"categories": values.cast(pa.string()).drop_null().unique().to_pylist()}
    found = groups_of(declared, values)
    order = np.argsort(-found.counts, kind="stable")[:MOST]
    return [(found.names[place], np.flatnonzero(found.numbers == place)) for place in order]
