"""The columns whose values make slices of rows, as groups.

Categories are groups; numbers of few values too, and others are in ranges between quantiles. A sensitive column, and a
declared one, has only its declared groups: its categories, or its ranges. Dates and free texts make no slices.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.columns import Column
from tabular.evidence.groups import Groups, groups_of
from tabular.evidence.judged import JudgedRows

FEW_VALUES, QUANTILES = 6, (0.25, 0.5, 0.75)
MOST_CATEGORIES = 20
"""The most frequent values of a category without declared categories."""


def sliced_columns(judged: JudgedRows, rows: np.ndarray) -> Iterator[tuple[str, Groups]]:
    """Yield the name and the groups of each column, at these places of the rows."""
    declared = {**{name: {} for name in _names(judged)}, **judged.settings.get("groups", {})}
    known = {column.name: column for column in judged.contract.features}
    for name, groups in declared.items():
        values = judged.columns[name].take(pa.array(rows))
        if found := groups or _declared(known[name], values):
            yield name, groups_of(found, values)


def _names(judged: JudgedRows) -> list[str]:
    return [column.name for column in judged.contract.features if column.name in judged.columns]


def _declared(column: Column, values: pa.Array) -> Mapping[str, Any] | None:
    """Return what makes the groups of a feature's values; None for one without."""
    if column.type == "category" and column.categories:
        return {"categories": column.categories}
    if column.sensitive or column.type not in ("category", "integer", "number"):
        return None
    if column.type == "category":
        counts = pc.value_counts(values.cast(pa.string()).drop_null()).to_pylist()
        frequent = sorted(counts, key=lambda each: (-each["counts"], each["values"]))
        return {"categories": [each["values"] for each in frequent[:MOST_CATEGORIES]]}
    return _borders(values)


def _borders(values: pa.Array) -> Mapping[str, Any] | None:
    """Return the borders between the values of numbers that have few, else their quartiles; None for one value.

    Where all quartiles are the least value, the border is above it.
    """
    numbers = values.cast(pa.float64(), safe=False).drop_null().to_numpy()
    borders = np.unique(numbers)[1:]
    if len(borders) >= FEW_VALUES:
        quartiles = np.unique(np.quantile(numbers, QUANTILES, method="lower"))
        borders = quartiles[quartiles > numbers.min()] if quartiles[-1] > numbers.min() else borders[:1]
    return {"borders": borders.tolist()} if len(borders) else None
