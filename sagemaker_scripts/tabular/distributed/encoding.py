"""Fits the encoding of a pipeline to the rows of all ranks, one column at a time.

The result is the ColumnTransformer that scikit-learn fits to a frame of all rows; means and deviations may differ in
their last bits, where scikit-learn's sums have rounding errors.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer

from tabular.channels import StoredRows
from tabular.collective import Ranks
from tabular.columns import Column
from tabular.compiled.encoding import floats_of
from tabular.compiled.model import with_derived
from tabular.contract import Contract
from tabular.distributed import categories, numbers
from tabular.distributed.categories import CategorySummary
from tabular.distributed.numbers import Moments, NumberSummary
from tabular.typed_cells import TYPES

MISSING = "(missing)"
"""The category of missing values (`tabular.pipelines`)."""


@dataclass(frozen=True)
class Summaries:
    """The input columns of a pipeline, in all rows of all ranks."""

    numbers: Mapping[str, NumberSummary]
    """Of numbers, and of the ranks of ordered categories."""
    categories: Mapping[str, CategorySummary]

    @property
    def unusable(self) -> dict[str, str]:
        """The columns without information, and why, as `tabular.features.unusable` finds them."""
        every: dict[str, NumberSummary | CategorySummary] = {**self.numbers, **self.categories}
        return {name: each.unusable for name, each in every.items() if each.unusable}


def summarize(ranks: Ranks, rows: StoredRows, bins: int) -> Summaries:
    """Read this rank's rows column by column, and summarise them with those of the others."""
    contract = rows.contract
    of_numbers, of_categories = {}, {}
    for column in contract.input_columns:
        if column.type == "category" and not column.ordered:
            of_categories[column.name] = categories.summarize(ranks, _batches(rows, column))
        else:
            values = [floats_of(each, column) for each in _batches(rows, column)]
            of_numbers[column.name] = numbers.summarize(ranks, np.concatenate(values), bins)
    return Summaries(of_numbers, of_categories)


def _batches(rows: StoredRows, column: Column) -> Iterator[pa.Array]:
    """Yield the values of an input column."""
    expression = rows.contract.expressions.get(column.name)
    needed = sorted(expression.names) if expression else [column.name]
    for table in rows.tables(needed):
        yield typed_columns(rows.contract, table)[column.name]


def typed_columns(contract: Contract, table: pa.Table) -> dict[str, pa.Array]:
    """Return the columns of a table as the encoder takes them, with the derived ones that they are enough for."""
    known = {column.name: column for column in contract.features if column.name in table.column_names}
    columns = {name: table[name].combine_chunks() for name in known}
    typed = {
        name: array if known[name].type == "category" else array.cast(TYPES[known[name].type], safe=False)
        for name, array in columns.items()
    }
    return with_derived(contract, typed, len(table))


def fit_encoding(features: ColumnTransformer, contract: Contract, summaries: Summaries) -> None:
    """Fit an unfitted ColumnTransformer of `tabular.pipelines` by the summaries of its columns."""
    sample = _sample(contract, summaries)
    features.fit(sample)  # the shape; what it learns from values follows
    parts = []
    for name, fitted, names in features.transformers_:
        if name == "categories":
            _set_categories(fitted["onehotencoder"], [summaries.categories[each] for each in names])
        elif name in ("numbers", "ordinals"):
            scaled = fitted["pipeline"] if name == "ordinals" else fitted
            _set_numbers(scaled, [summaries.numbers[each] for each in names])
        if name != "remainder":
            parts.append(fitted.transform(sample[list(names)]))
    features._record_output_indices(parts)


def _sample(contract: Contract, summaries: Summaries) -> pd.DataFrame:
    """Return a few rows with every category and, in the last row, a missing value where a column has one."""
    most = max((len(each.counts) for each in summaries.categories.values()), default=0)
    count = max(most, 1) + 1
    return pd.DataFrame({column.name: _cells(column, summaries, count) for column in contract.input_columns})


def _cells(column: Column, summaries: Summaries, count: int) -> pd.Series:
    if (of_categories := summaries.categories.get(column.name)) is not None:
        texts: Sequence[Any] = list(of_categories.counts) or [np.nan]
        last = np.nan if of_categories.missing else texts[0]
        return pd.Series([*texts, *([texts[0]] * (count - 1 - len(texts))), last], dtype=object)
    summary = summaries.numbers[column.name]
    ranked = bool(column.ordered and column.categories)
    value: Any = (column.categories or ("",))[0] if ranked else summary.median
    cells = [value] * (count - 1) + [np.nan if summary.missing else value]
    return pd.Series(cells, dtype=object if ranked else "float64")


def _set_numbers(scaled: Any, found: Sequence[NumberSummary]) -> None:
    imputer, scaler = scaled["simpleimputer"], scaled["standardscaler"]
    imputer.statistics_ = np.array([each.median for each in found])
    indicators = [each.indicator for each in found if each.indicator]
    every: list[Moments] = [*(each.moments for each in found), *indicators]
    scaler.mean_ = np.array([each.mean for each in every])
    scaler.var_ = np.array([each.variance for each in every])
    scaler.scale_ = np.array([each.scale.scale for each in every])
    scaler.n_samples_seen_ = np.int64(every[0].rows)


def _set_categories(encoder: Any, found: Sequence[CategorySummary]) -> None:
    """Let the encoder join the categories of few rows, by the rows of each in all ranks."""
    counts = []
    for known, each in zip(encoder.categories_, found, strict=True):
        rows = {**each.counts, MISSING: each.counts.get(MISSING, 0) + each.missing}
        counts.append(np.array([rows[text] for text in known]))
    encoder._fit_infrequent_category_mapping(int(counts[0].sum()), counts, {})
    encoder._set_drop_idx()
    encoder._n_features_outs = encoder._compute_n_features_outs()
