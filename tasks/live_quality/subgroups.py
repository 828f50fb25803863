"""The subgroups of live rows: those of `evaluation.fairness` and `monitoring.segments`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from config.fairness import groups
from config.use_case import UseCase
from tabular.evidence.groups import groups_of


def group_columns(use_case: UseCase) -> dict[str, dict[str, Any]]:
    """Return what makes the groups of each column as JSON: its `borders`, or its `categories`."""
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
            found = groups_of(declared, columns[column])
            for number in np.flatnonzero(found.counts >= least_rows(use_case)):
                yield f"{column}={found.names[number]}", np.flatnonzero(found.numbers == number)
