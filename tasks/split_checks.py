"""Checks, before any job starts, that a split is sufficient for training, validation and test."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import GateError
from config.splits import GroupSplit, OrderSplit, RandomSplit, TimeSplit, ValueSplit
from config.use_case import UseCase
from tabular.features import unusable

PARTS = ("train", "validation", "test")
LEAST = 2
"""The least number of rows of a part for a regression: R² needs two."""


def require_target(use_case: UseCase, target: np.ndarray) -> None:
    """Raise GateError unless the (n,) class numbers have rows of every class, or the values at least two."""
    name = use_case.target.column
    if use_case.target.task == "regression":
        if not len(target) or target.min() == target.max():
            _refuse(use_case, f"target {name}: expected different values to predict", _all_the_same(target))
        return
    least = len(PARTS)
    counts = _counts(use_case, target)
    if any(count < least for count in counts.values()):
        found = ", ".join(f"{_shown(use_case, each)} {count:,}" for each, count in counts.items())
        _refuse(
            use_case,
            f"target {name}: expected at least {least} rows of each class, one for each part of the split",
            f"{found}. Add rows of the rare class, or remove it from target.classes",
        )


def _all_the_same(values: np.ndarray) -> str:
    return f"{len(values):,} rows" + (", all with the same value" if len(values) else "")


def _counts(use_case: UseCase, target: np.ndarray) -> dict[str, int]:
    return {name: int((target == number).sum()) for number, name in enumerate(use_case.target.classes or ())}


def require_enough_to_split(use_case: UseCase, by: np.ndarray | None) -> None:
    """Raise GateError when the (n,) groups or times of the split have fewer values than the split has parts.

    Also raised when a time is missing: a derived column may have no value.
    """
    how = use_case.split
    if not isinstance(how, GroupSplit | TimeSplit) or by is None:
        return
    if missing := int((by != by).sum()):
        _refuse(use_case, f"split.column {how.names[0]}: expected a value for each row", f"none for {missing:,}")
    if (count := _distinct(by)) < len(PARTS):
        key = "split.columns" if len(how.names) > 1 else "split.column"
        _refuse(
            use_case,
            f"{key} {', '.join(how.names)}: expected at least {len(PARTS)} different values, one for each part",
            f"{count}. Split by another column, or by: random",
        )


def _distinct(values: np.ndarray) -> int:
    """Return the number of distinct values up to 3, without a sorted copy of all."""
    if not len(values):
        return 0
    low, high = values.min(), values.max()
    return 1 if low == high else 2 + int(((values > low) & (values < high)).any())


def require_parts(use_case: UseCase, target: np.ndarray, part_of: np.ndarray) -> None:
    """Raise GateError unless each part has rows of every class. `part_of` has the (n,) part numbers of the rows."""
    rows = [int((part_of == part).sum()) for part in range(len(PARTS))]
    if min(rows) < (LEAST if use_case.target.task == "regression" else 1):
        _refuse(use_case, "split: expected rows in every part", f"{_named(rows)}. {remedy(use_case)}")
    if use_case.target.task == "regression":
        return require_target(use_case, target[part_of == 0])
    of_parts = [_counts(use_case, target[part_of == part]) for part in range(len(PARTS))]
    counts = {name: [found[name] for found in of_parts] for name in use_case.target.classes or ()}
    if absent := {name: found for name, found in counts.items() if not all(found)}:
        found = "; ".join(f"{_shown(use_case, name)}: {_named(each)}" for name, each in absent.items())
        _refuse(use_case, "split: expected rows of every class in every part", f"{found}. {remedy(use_case)}")
    return None


def _shown(use_case: UseCase, name: str) -> str:
    """Return a class as a message shows it: by its number if its name is a value of a sensitive column."""
    column = use_case.columns.get(use_case.target.column)
    if column is None or not column.sensitive or use_case.target.classes is None:
        return name
    return f"class {use_case.target.classes.index(name) + 1} of target.classes"


def _named(counts: Sequence[int]) -> str:
    return ", ".join(f"{count:,} {part}" for part, count in zip(PARTS, counts, strict=True))


def remedy(use_case: UseCase) -> str:
    """Return what to change when a part of a split lacks rows."""
    how = use_case.split
    if isinstance(how, ValueSplit):
        return "Change the expressions split.validation and split.test, or add rows"
    if isinstance(how, RandomSplit):
        return "Change split.validation and split.test, or add rows"
    by = "order" if isinstance(how, OrderSplit) else ", ".join(how.names)
    return f"Change split.validation and split.test, add rows, or choose another split than by {by}"


class FeatureValues:
    """Samples of each feature's values over batches of rows, for `unused_features`."""

    def __init__(self, features: Sequence[str]) -> None:
        self._values: dict[str, list[Any]] = {name: [] for name in features}

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the next rows."""
        for name, values in self._values.items():
            column = batch[name]
            found = pc.min_max(column).as_py()
            values += [*found.values(), None] if column.null_count else [*found.values()]
            values[:] = {value: value for value in values}

    def summary(self) -> dict[str, pd.Series]:
        """Return samples of each feature: a missing value if it has one, and different values if it has them."""
        return {name: pd.Series(values, dtype=object) for name, values in self._values.items()}


def unused_features(use_case: UseCase, train: Mapping[str, pd.Series]) -> dict[str, str]:
    """Return the features that are empty or constant in the n training rows, or in samples of them, and why.

    Raises GateError when every feature is empty or constant.
    """
    found = unusable(train, use_case.inputs)
    if len(found) == len(use_case.inputs):
        reasons = ", ".join(f"{name} {why}" for name, why in found.items())
        _refuse(use_case, "features: expected one that differs between the training rows", reasons)
    return found


def _refuse(use_case: UseCase, expected: str, found: str) -> None:
    raise GateError(f"{use_case.name}: {expected}; found {found}")
