"""Assigns rows to the parts of a split: at random, by group, by time, by their order or by values."""

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from config.errors import GateError
from config.splits import GroupSplit, OrderSplit, RandomSplit, TimeSplit, ValueSplit
from config.use_case import UseCase
from tasks import split_checks as checks
from tasks.deciding_rows import DecidingRows
from tasks.progress import log

Positions = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The positions of the training, validation and test rows, ascending."""
LEFT_OUT = -1


def assigned(use_case: UseCase, rows: DecidingRows) -> np.ndarray:
    """Return the (n,) part numbers of the rows; LEFT_OUT for rows without a target.

    Raises GateError when the rows can't be split.
    """
    stated = rows.stated
    if left_out := int((~stated).sum()):
        log.info("split     %s rows left out: they have no target", f"{left_out:,}")
    places = np.flatnonzero(stated)
    part_of = np.full(len(stated), LEFT_OUT, dtype="int8")
    within = DecidingRows(rows.target[places], None if rows.by is None else rows.by[places])
    for number, part in enumerate(positions(use_case, within)):
        part_of[places[part]] = number
    return part_of


def positions(use_case: UseCase, rows: DecidingRows) -> Positions:
    """Return the positions of each part among n rows with a target.

    Raises GateError when a part lacks rows, or rows of a class.
    """
    checks.require_target(use_case, rows.target)
    checks.require_enough_to_split(use_case, rows.by)
    try:
        parts = _positions(use_case, rows)
    except ValueError as error:  # scikit-learn's: too few rows, or groups, for these shares
        how = use_case.split
        raise GateError(
            f"{use_case.name}: split: expected enough rows for validation {how.validation} and test {how.test}; "
            f"found {len(rows.target):,}. {checks.remedy(use_case)}"
        ) from error
    checks.require_parts(use_case, rows.target, parts)
    return parts


def _positions(use_case: UseCase, rows: DecidingRows) -> Positions:
    how, by = use_case.split, rows.by
    if isinstance(how, RandomSplit):
        return _at_random(how, len(rows.target), strata(use_case, rows.target))
    if isinstance(how, OrderSplit):
        return _by_time(how, np.arange(len(rows.target)))
    if by is None:
        raise TypeError(f"expected the values of a split by {how.by}, found none")
    if isinstance(how, ValueSplit):
        return tuple(np.flatnonzero(by == number) for number in range(len(checks.PARTS)))  # type: ignore[return-value]
    return _by_time(how, by) if isinstance(how, TimeSplit) else _by_group(how, by)


def strata(use_case: UseCase, target: np.ndarray) -> np.ndarray | None:
    """Return the (n,) ranks of the classes by name, which scikit-learn sorts; None for a regression."""
    if use_case.target.classes is None:
        return None
    return np.asarray(np.argsort(np.argsort(np.array(use_case.target.classes)))[target])


def _at_random(how: RandomSplit, count: int, strata: np.ndarray | None) -> Positions:
    rest, test = train_test_split(np.arange(count), test_size=how.test, random_state=how.seed, stratify=strata)
    remaining = None if strata is None else strata[rest]
    share = how.validation / (1 - how.test)
    train, validation = train_test_split(rest, test_size=share, random_state=how.seed, stratify=remaining)
    return np.sort(train), np.sort(validation), np.sort(test)


def _by_group(how: GroupSplit, groups: np.ndarray) -> Positions:
    rest, test = next(GroupShuffleSplit(1, test_size=how.test, random_state=how.seed).split(groups, groups=groups))
    share = how.validation / (1 - how.test)
    within = GroupShuffleSplit(1, test_size=share, random_state=how.seed).split(rest, groups=groups[rest])
    train, validation = next(within)
    return np.sort(rest[train]), np.sort(rest[validation]), np.sort(test)


def _by_time(how: TimeSplit | OrderSplit, times: np.ndarray) -> Positions:
    """Assign rows by time. Rows of equal time are in the same part."""
    ordered = np.sort(times)
    last = len(ordered) - 1
    tested_from = ordered[min(round(len(ordered) * (1 - how.test)), last)]
    chosen_from = ordered[min(round(len(ordered) * (1 - how.test - how.validation)), last)]
    tested, chosen = times >= tested_from, (times >= chosen_from) & (times < tested_from)
    return np.flatnonzero(~tested & ~chosen), np.flatnonzero(chosen), np.flatnonzero(tested)
