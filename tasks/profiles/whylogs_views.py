"""Profiles in whylogs' own format. The only module that imports whylogs, which takes a second and 100 MB."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tasks.profiles.category_column import CategoryColumn
from tasks.profiles.number_column import NumberColumn

np.unicode_ = np.str_  # type: ignore[attr-defined]  # whylogs 1.6 uses a name that numpy 2 has removed

from whylogs.core.metrics.column_metrics import ColumnCountsMetric  # noqa: E402
from whylogs.core.metrics.metric_components import (  # noqa: E402
    FractionalComponent,
    FrequentStringsComponent,
    HllComponent,
    IntegralComponent,
    KllComponent,
)
from whylogs.core.metrics.metrics import CardinalityMetric, DistributionMetric, FrequentItemsMetric  # noqa: E402
from whylogs.core.view import ColumnProfileView, DatasetProfileView  # noqa: E402


def to_bytes(columns: Mapping[str, NumberColumn | CategoryColumn]) -> bytes:
    """Return the view of some columns."""
    now = datetime.now(UTC)
    views = {name: ColumnProfileView(metrics=_metrics(column)) for name, column in columns.items()}
    return bytes(DatasetProfileView(columns=views, dataset_timestamp=now, creation_timestamp=now).serialize())


def merged(contents: Sequence[bytes]) -> bytes:
    """Return the view of all rows of some views. Raises ValueError without a view."""
    if not contents:
        raise ValueError("expected at least one whylogs view to merge, found none")
    view, *others = (DatasetProfileView.deserialize(content) for content in contents)
    for other in others:
        view = view.merge(other)
    return bytes(view.serialize())


def _metrics(column: NumberColumn | CategoryColumn) -> dict[str, Any]:
    counts = ColumnCountsMetric(n=IntegralComponent(column.count), null=IntegralComponent(column.missing))
    cardinality = CardinalityMetric(hll=HllComponent(column.sketches.distinct))
    metrics = counts, cardinality, _frequent(column) if isinstance(column, CategoryColumn) else _distribution(column)
    return {metric.namespace: metric for metric in metrics}


def _frequent(column: CategoryColumn) -> FrequentItemsMetric:
    return FrequentItemsMetric(frequent_strings=FrequentStringsComponent(column.sketches.frequent))


def _distribution(column: NumberColumn) -> DistributionMetric:
    rows, mean, stddev = column.moments
    squares = FractionalComponent(stddev * stddev * max(rows - 1, 0))  # `**` raises where the product is infinite
    return DistributionMetric(
        kll=KllComponent(column.sketches.distribution), mean=FractionalComponent(mean), m2=squares
    )
