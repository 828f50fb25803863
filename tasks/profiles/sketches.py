"""Profiles rows with whylogs, record batch by record batch. The only module that imports whylogs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

np.unicode_ = np.str_  # type: ignore[attr-defined]  # whylogs 1.6 uses a name that numpy 2 has removed

from whylogs.core.metrics.column_metrics import ColumnCountsMetric  # noqa: E402
from whylogs.core.metrics.metrics import CardinalityMetric, DistributionMetric, FrequentItemsMetric  # noqa: E402
from whylogs.core.preprocessing import PreprocessedColumn  # noqa: E402
from whylogs.core.view import ColumnProfileView, DatasetProfileView  # noqa: E402

from tabular.columns import ColumnType  # noqa: E402
from tasks.profiles.category_counts import CategoryCounter  # noqa: E402
from tasks.profiles.number_histogram import HistogramBuilder  # noqa: E402
from tasks.profiles.stored_profiles import (  # noqa: E402
    CategoryProfile,
    Distribution,
    Histogram,
    NumberProfile,
    Profile,
)


class _Sketch(Protocol):
    """Accumulates the values of one column in whylogs' metrics."""

    def add(self, values: pa.Array) -> None: ...

    def view(self) -> Any: ...

    def summary(self) -> NumberProfile | CategoryProfile: ...


@dataclass(frozen=True)
class Sketches:
    """The sketches of n rows: of the requested columns only, without any row."""

    rows: int
    columns: dict[str, _Sketch]

    def to_bytes(self) -> bytes:
        """The profile in whylogs' own format."""
        now = datetime.now(UTC)
        views = {name: sketch.view() for name, sketch in self.columns.items()}
        return bytes(DatasetProfileView(columns=views, dataset_timestamp=now, creation_timestamp=now).serialize())

    def summary(self) -> Profile:
        """The profile as a JSON document, which can be read without whylogs."""
        return Profile(rows=self.rows, columns={name: sketch.summary() for name, sketch in self.columns.items()})


def profile(batches: Iterable[pa.RecordBatch], features: Mapping[str, ColumnType]) -> Sketches:
    """Profile the `features` of the rows in `batches`.

    A `category` is profiled by its texts, an `integer` or `number` by its values, a `text` by its lengths.

    Raises pyarrow.ArrowInvalid, or pyarrow.ArrowNotImplementedError, when a batch has values of other types.
    """
    rows, columns = 0, {name: SKETCHES[kind](kind) for name, kind in features.items()}
    for batch in batches:
        rows += batch.num_rows
        for name, sketch in columns.items():
            sketch.add(batch.column(name))
    return Sketches(rows, columns)


def _preprocessed(rows: int, missing: int) -> PreprocessedColumn:
    column = PreprocessedColumn()
    column.len, column.null_count = rows, missing
    return column


class _Numbers:
    def __init__(self, kind: Literal["integer", "number", "text"]) -> None:
        self._kind = kind
        self._counts = ColumnCountsMetric.zero()
        self._distinct = CardinalityMetric.zero()
        self._distribution = DistributionMetric.zero()
        self._histogram = HistogramBuilder()

    def add(self, values: pa.Array) -> None:
        """Count null, NaN and infinite values as missing, and add the others."""
        numbers = values.drop_null().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        numbers = numbers[np.isfinite(numbers)]
        column = _preprocessed(len(values), len(values) - len(numbers))
        column.numpy.floats = numbers
        for metric in (self._counts, self._distinct, self._distribution):
            metric.columnar_update(column)
        self._histogram.add(numbers)

    def view(self) -> Any:
        metrics = {metric.namespace: metric for metric in (self._counts, self._distinct, self._distribution)}
        return ColumnProfileView(metrics=metrics)

    def summary(self) -> NumberProfile:
        return NumberProfile(
            type=self._kind,
            count=self._counts.n.value,
            missing=self._counts.null.value,
            distinct=round(self._distinct.estimate or 0),
            distribution=self._summarised(),
        )

    def _summarised(self) -> Distribution | None:
        sketch = self._distribution.kll.value
        if sketch.is_empty():
            return None
        bins = self._histogram.bins()
        low, high = bins.numbers()
        return Distribution(
            minimum=sketch.get_min_value(),
            maximum=sketch.get_max_value(),
            mean=float(self._distribution.avg),
            stddev=float(self._distribution.stddev),
            histogram=Histogram(low=tuple(low.tolist()), high=tuple(high.tolist()), rows=tuple(bins.rows.tolist())),
        )


class _Lengths(_Numbers):
    """Texts by their lengths in characters. No text and no word is in the profile."""

    def add(self, values: pa.Array) -> None:
        super().add(pc.utf8_length(values))


class _Categories:
    def __init__(self, kind: ColumnType) -> None:
        self._counts = ColumnCountsMetric.zero()
        self._distinct = CardinalityMetric.zero()
        self._frequent = FrequentItemsMetric.zero()
        self._exact = CategoryCounter()

    def add(self, values: pa.Array) -> None:
        """Update the sketches once for each distinct value, not once for each row."""
        self._counts.columnar_update(_preprocessed(len(values), values.null_count))
        found = list(_value_counts(values))
        self._exact.add(found)
        for text, count in found:
            self._distinct.hll.value.update(text)
            self._frequent.frequent_strings.value.update(text[: self._frequent.max_frequent_item_size], count)

    def view(self) -> Any:
        metrics = {metric.namespace: metric for metric in (self._counts, self._distinct, self._frequent)}
        return ColumnProfileView(metrics=metrics)

    def summary(self) -> CategoryProfile:
        exact = self._exact.counts()
        complete = self._exact.complete
        return CategoryProfile(
            count=self._counts.n.value,
            missing=self._counts.null.value,
            distinct=len(exact) if complete else round(self._distinct.estimate or 0),
            frequent=exact if complete else {item.value: int(item.est) for item in self._frequent.strings},
            complete=complete,
            sample={} if complete else exact,
            buckets=() if complete else self._exact.buckets(),
        )


def _value_counts(values: pa.Array) -> Iterator[tuple[str, int]]:
    found = pc.value_counts(values.drop_null().cast(pa.large_string()))
    yield from zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)


SKETCHES: dict[str, Callable[[Any], _Sketch]] = {
    "integer": _Numbers, "number": _Numbers, "category": _Categories, "text": _Lengths,
}  # fmt: skip
"""The sketch class of each column type. Dates are not features."""
