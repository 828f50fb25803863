"""What decides to which part of a split each row belongs, in some bytes per row: its target, and its group or time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.splits import GroupSplit, TimeSplit, ValueSplit
from config.use_case import UseCase
from tabular.derived import batch_with
from tasks.split_values import PartExpressions

NO_CLASS = -1


@dataclass(frozen=True)
class DecidingRows:
    """The deciding values of n rows."""

    target: np.ndarray
    """(n,) class numbers, or float64 values of a regression; NO_CLASS or NaN for rows without a target."""
    by: np.ndarray | None
    """(n,) numbers of the groups in the order of their values, times, or part numbers; None if nothing else decides."""

    @property
    def stated(self) -> np.ndarray:
        """The (n,) mask of the rows with a target."""
        stated = ~np.isnan(self.target) if self.target.dtype.kind == "f" else self.target != NO_CLASS
        return np.asarray(stated, dtype=bool)


def deciding_columns(use_case: UseCase) -> list[str]:
    """Return the columns of the schema that the split depends on."""
    needed = set(use_case.target_sources)
    if isinstance(use_case.split, GroupSplit | TimeSplit):
        needed.update(*(use_case.sources_of(name) for name in use_case.split.names))
    if isinstance(use_case.split, ValueSplit):
        needed.update(*(each.names for each in PartExpressions(use_case).by_part.values()))
    return [name for name in use_case.columns if name in needed]


def read_deciding_rows(use_case: UseCase, batches: Iterable[pa.RecordBatch]) -> DecidingRows:
    """Read the deciding values of the n rows in `batches`, which have `deciding_columns`.

    Raises GateError when a split by values does not assign each row to one part.
    """
    targets, times, columns = list[np.ndarray](), list[np.ndarray](), list[pa.RecordBatch]()
    how, by_value = use_case.split, PartExpressions(use_case) if isinstance(use_case.split, ValueSplit) else None
    for batch in batches:
        targets.append(target_numbers(use_case, batch))
        if by_value:
            times.append(by_value.parts_of(batch))
        elif isinstance(how, TimeSplit):
            times.append(_numbers(_with_derived(use_case, batch, how.names).column(0)))
        elif isinstance(how, GroupSplit):
            columns.append(_encoded(_with_derived(use_case, batch, how.names)))
    if by_value:
        by_value.refuse()
    target = np.concatenate(targets or [np.zeros(0)])
    targets.clear()
    by = np.concatenate(times) if times else None
    return DecidingRows(target, _groups(pa.Table.from_batches(columns)) if columns else by)


def target_numbers(use_case: UseCase, batch: pa.RecordBatch) -> np.ndarray:
    """Return the (n,) targets of a batch, as in DecidingRows. A rule that is null gives no target."""
    classes, name = use_case.target.classes, use_case.target.column
    if use_case.rule is not None:
        found = use_case.rule.evaluate(_by_name(batch), len(batch))
        return np.where(found.null, NO_CLASS, found.data.astype("int16"))
    if classes:
        found = pc.index_in(batch.column(name), pa.array(classes, batch.column(name).type))
        return np.asarray(found.fill_null(NO_CLASS).to_numpy(zero_copy_only=False), dtype="int16")
    return np.asarray(batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False))


def class_names(use_case: UseCase, targets: np.ndarray) -> pa.Array:
    """Return the (n,) names of the classes with these numbers, null for NO_CLASS."""
    numbers = pa.array(targets.astype("int32"), mask=targets == NO_CLASS)
    return pa.array(use_case.target.classes or (), pa.string()).take(numbers)


def _by_name(batch: pa.RecordBatch) -> Mapping[str, pa.Array]:
    return {name: batch.column(name) for name in batch.schema.names}


def _with_derived(use_case: UseCase, batch: pa.RecordBatch, names: Iterable[str]) -> pa.RecordBatch:
    derived = {name: expression for name, expression in use_case.resolved.expressions.items() if name in names}
    return batch_with(batch, derived).select(list(names))


def _encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with its texts as dictionaries, so that each distinct text is in memory once."""
    columns = [column.dictionary_encode() if _is_text(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _groups(columns: pa.Table) -> np.ndarray:
    """Return the (n,) numbers of the distinct rows, sorted by the first column, then the second, and so on."""
    codes = _codes(columns.unify_dictionaries())
    groups = next(codes)
    for further in codes:
        groups = _numbered(groups.astype("int64") * (int(further.max()) + 1) + further)
    return groups


def _codes(columns: pa.Table) -> Iterator[np.ndarray]:
    """Yield the (n,) ranks of each column's values, from 0."""
    for column in columns.columns:
        values = column.combine_chunks()
        if isinstance(values, pa.DictionaryArray):
            ranks = np.argsort(pc.sort_indices(values.dictionary).to_numpy()).astype("int32")
            yield ranks[values.indices.fill_null(0).to_numpy(zero_copy_only=False)]
        else:
            yield _numbered(_numbers(values))


def _numbered(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].astype("int32")


def _numbers(values: pa.Array) -> np.ndarray:
    """Return a column of numbers or dates as NumPy's."""
    return np.asarray(values.to_numpy(zero_copy_only=False))
