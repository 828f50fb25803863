"""Folds of rows: at random, by group, or by time, like the use case's split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular import contract_frames
from tabular.channels import read_channels
from tabular.contract import Contract

Fold = tuple[np.ndarray, np.ndarray]
"""The places of the rows that a model is fitted on, and of those that it then predicts."""
GROUP, TIME, ORDER = "group", "time", "order"


@dataclass(frozen=True)
class FoldKeys:
    """By what n rows are divided into folds."""

    by: str
    """GROUP, TIME, or anything else for folds at random."""
    values: np.ndarray
    """(n,) numbers: of the groups, or the ranks of the times."""

    def take(self, places: np.ndarray) -> "FoldKeys":
        """Return the keys of the rows at these places."""
        return FoldKeys(self.by, self.values[places])


def read_keys(settings: Mapping[str, Any], places: Sequence[Path], count: int) -> FoldKeys:
    """Return the keys of the n rows in the folders `places`, by the settings `folds` of the job.

    `by` is that of the use case's split. `columns` is a contract with the columns of the group or time: the parts have
    every column of the schema, and a model's own contract has its features only.
    """
    by, columns = settings.get("by", "random"), settings.get("columns")
    if by == ORDER:
        return FoldKeys(TIME, np.arange(count))
    if columns is None:
        return FoldKeys(by, np.zeros(count, dtype="int64"))
    terms = Contract.parsed(columns)
    values = contract_frames.values(terms, read_channels(places, terms))
    return FoldKeys(by, _ranks(list(values.values())))


def _ranks(columns: Sequence[pd.Series]) -> np.ndarray:
    """Return the (n,) ranks of the distinct rows of columns, by the first column, then the second, and so on."""
    ranks = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes = pd.factorize(column.to_numpy(), sort=True)[0]
        ranks = np.unique(ranks * (int(codes.max()) + 1) + codes, return_inverse=True)[1]
    return ranks


def folds(keys: FoldKeys, classes: np.ndarray | None, count: int, seed: int) -> list[Fold]:
    """Return `count` folds of n rows for cross-validation. `classes` has their (n,) class numbers; None for numbers.

    By time, fold i is the i-th of `count` later parts of equal size, predicted from all rows before it; rows of equal
    time are in one part. Else every row is predicted once: whole groups, or rows stratified by class.
    Raises ValueError when there are too few groups or times.
    """
    if keys.by != TIME:
        return partition(keys, classes, count, seed)
    part_of = _parts_by_time(keys.values, count + 1)
    return [(np.flatnonzero(part_of < part), np.flatnonzero(part_of == part)) for part in range(1, count + 1)]


def partition(keys: FoldKeys, classes: np.ndarray | None, count: int, seed: int) -> list[Fold]:
    """Return `count` folds in which every one of n rows is predicted once, from all rows of the other folds."""
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    rows = np.zeros(len(keys.values))
    if keys.by == TIME:
        part_of = _parts_by_time(keys.values, count)
        return [(np.flatnonzero(part_of != part), np.flatnonzero(part_of == part)) for part in range(count)]
    if keys.by == GROUP and classes is None:
        return list(GroupKFold(count, shuffle=True, random_state=seed).split(rows, groups=keys.values))
    if keys.by == GROUP:
        return list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(rows, classes, keys.values))
    if classes is None:
        return list(KFold(count, shuffle=True, random_state=seed).split(rows))
    return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(rows, classes))


def _parts_by_time(times: np.ndarray, count: int) -> np.ndarray:
    """Return the (n,) numbers of `count` parts of about equal size, in the order of (n,) times."""
    ordered = np.sort(times)
    starts = ordered[[len(times) * part // count for part in range(1, count)]]
    part_of = np.searchsorted(starts, times, side="right")
    if (found := len(np.unique(part_of))) < count:
        raise ValueError(f"folds: expected {count} parts of rows at different times, found {found}. Use fewer folds")
    return np.asarray(part_of)
