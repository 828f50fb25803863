"""Assigns rows to the parts of a split: at random, by group or by time."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from config.errors import GateError
from config.splits import GroupSplit, RandomSplit, TimeSplit
from config.use_case import UseCase
from tasks import split_checks as checks
from tasks.progress import log

Positions = tuple[list[int], list[int], list[int]]
"""The positions of the training, validation and test rows."""


def deciding_rows(use_case: UseCase, file: pq.ParquetFile) -> pd.DataFrame:
    """Return the columns that the split depends on, for all n rows: its column, the target's sources and the target."""
    own = () if use_case.split.by == "random" else (use_case.split.column,)
    needed = {*use_case.target_sources, *own}
    return with_target(use_case, file.read([name for name in use_case.columns if name in needed]).to_pandas())


def assigned(use_case: UseCase, rows: pd.DataFrame) -> np.ndarray:
    """Return the (n,) part numbers of the rows of `deciding_rows`; -1 for rows without a target.

    Raises GateError when the rows can't be split.
    """
    stated = labelled(use_case, rows)
    places = stated.index.to_numpy()
    part_of = np.full(len(rows), -1)
    for number, within in enumerate(positions(use_case, stated)):
        part_of[places[within]] = number
    return part_of


def labelled(use_case: UseCase, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the (n, columns) frame with a target, and its column. Raises GateError for too few rows."""
    frame = with_target(use_case, frame)
    stated = frame[use_case.target.column].notna()
    if left_out := int((~stated).sum()):
        log.info("split     %s rows left out: they have no target", f"{left_out:,}")
    checks.require_target(use_case, frame[stated])
    return frame[stated]


def with_target(use_case: UseCase, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the (n, columns) frame with the target's column, computed by the rule if there is one.

    When the rule is null, for example because of a missing value, the target is missing.
    """
    target, rule = use_case.target, use_case.rule
    if rule is None or not target.classes:
        return frame
    found = rule.evaluate(frame, len(frame))
    classes = np.array(target.classes, dtype=object)[found.data.astype(int)]
    return frame.assign(**{target.column: np.where(found.null, None, classes)})


def positions(use_case: UseCase, frame: pd.DataFrame) -> Positions:
    """Return the positions of each part's rows. Raises GateError when a part lacks rows, or rows of a class."""
    checks.require_enough_to_split(use_case, frame)
    try:
        parts = _positions(use_case, frame)
    except ValueError as error:  # scikit-learn's: too few rows, or groups, for these shares
        raise GateError(
            f"{use_case.name}: split: expected enough rows for validation {use_case.split.validation:g} and test "
            f"{use_case.split.test:g}; found {len(frame):,}. {checks.remedy(use_case)}"
        ) from error
    checks.require_parts(use_case, frame, parts)
    return parts


def _positions(use_case: UseCase, frame: pd.DataFrame) -> Positions:
    how = use_case.split
    if isinstance(how, TimeSplit):
        return _by_time(how, frame)
    if isinstance(how, GroupSplit):
        return _by_group(how, frame)
    strata = None if use_case.target.task == "regression" else frame[use_case.target.column]
    return _at_random(how, len(frame), strata)


def _at_random(how: RandomSplit, count: int, strata: pd.Series | None) -> Positions:
    rest, test = train_test_split(range(count), test_size=how.test, random_state=how.seed, stratify=strata)
    remaining = None if strata is None else strata.iloc[rest]
    share = how.validation / (1 - how.test)
    train, validation = train_test_split(rest, test_size=share, random_state=how.seed, stratify=remaining)
    return sorted(train), sorted(validation), sorted(test)


def _by_group(how: GroupSplit, frame: pd.DataFrame) -> Positions:
    groups = frame[how.column].to_numpy()
    rest, test = next(GroupShuffleSplit(1, test_size=how.test, random_state=how.seed).split(groups, groups=groups))
    share = how.validation / (1 - how.test)
    within = GroupShuffleSplit(1, test_size=share, random_state=how.seed).split(rest, groups=groups[rest])
    train, validation = next(within)
    return sorted(rest[train].tolist()), sorted(rest[validation].tolist()), sorted(test.tolist())


def _by_time(how: TimeSplit, frame: pd.DataFrame) -> Positions:
    """Assign rows by time. Rows of equal time are in the same part."""
    times = frame[how.column].reset_index(drop=True)
    ordered = times.sort_values(kind="stable").reset_index(drop=True)
    last = len(ordered) - 1
    tested_from = ordered.iloc[min(round(len(ordered) * (1 - how.test)), last)]
    chosen_from = ordered.iloc[min(round(len(ordered) * (1 - how.test - how.validation)), last)]
    tested, chosen = times >= tested_from, (times >= chosen_from) & (times < tested_from)
    return tuple(part.to_numpy().nonzero()[0].tolist() for part in (~tested & ~chosen, chosen, tested))
