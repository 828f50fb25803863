"""Assigns rows to the parts of a split: at random, by group, by time, by their order or by values."""

import numpy as np

from config.errors import GateError
from config.splits import GroupSplit, OrderSplit, RandomSplit, TimeSplit, ValueSplit
from config.use_case import UseCase
from tasks import split_checks as checks
from tasks.deciding_rows import DecidingRows
from tasks.progress import log
from tasks.stratified import draw

LEFT_OUT = -1
TRAIN, VALIDATION, TEST = range(len(checks.PARTS))


def assigned(use_case: UseCase, rows: DecidingRows) -> np.ndarray:
    """Return the (n,) part numbers of the rows; LEFT_OUT for rows without a target.

    Raises GateError when the rows can't be split.
    """
    stated = rows.stated
    if stated.all():
        return parts_of(use_case, rows)
    log.info("split     %s rows left out: they have no target", f"{int((~stated).sum()):,}")
    part_of = np.full(len(stated), LEFT_OUT, dtype="int8")
    within = DecidingRows(rows.target[stated], None if rows.by is None else rows.by[stated])
    part_of[stated] = parts_of(use_case, within)
    return part_of


def parts_of(use_case: UseCase, rows: DecidingRows) -> np.ndarray:
    """Return the (n,) part numbers, of one byte each, of n rows with a target.

    Raises GateError when a part lacks rows, or rows of a class.
    """
    checks.require_target(use_case, rows.target)
    checks.require_enough_to_split(use_case, rows.by)
    try:
        part_of = _parts_of(use_case, rows)
    except ValueError as error:  # too few rows, or groups, for these shares
        how = use_case.split
        raise GateError(
            f"{use_case.name}: split: expected enough rows for validation {how.validation} and test {how.test}; "
            f"found {len(rows.target):,}. {checks.remedy(use_case)}"
        ) from error
    checks.require_parts(use_case, rows.target, part_of)
    return part_of


def _parts_of(use_case: UseCase, rows: DecidingRows) -> np.ndarray:
    how, by = use_case.split, rows.by
    if isinstance(how, RandomSplit):
        return _at_random(how, len(rows.target), strata(use_case, rows.target))
    if isinstance(how, OrderSplit):
        return _by_time(how, np.arange(len(rows.target)))
    if by is None:
        raise TypeError(f"expected the values of a split by {how.by}, found none")
    if isinstance(how, ValueSplit):
        return by
    return _by_time(how, by) if isinstance(how, TimeSplit) else _by_group(how, by)


def strata(use_case: UseCase, target: np.ndarray) -> np.ndarray | None:
    """Return the (n,) ranks of the classes by name, so that their order does not matter; None for a regression."""
    if use_case.target.classes is None:
        return None
    ranks = np.argsort(np.argsort(np.array(use_case.target.classes)))
    return np.asarray(ranks.astype("int16")[target])


def _at_random(how: RandomSplit, count: int, strata: np.ndarray | None) -> np.ndarray:
    share, part_of = how.validation / (1 - how.test), np.zeros(count, dtype="int8")
    if strata is None:
        from sklearn.model_selection import train_test_split  # takes a second to import

        rest, test = train_test_split(np.arange(count), test_size=how.test, random_state=how.seed)
        _, validation = train_test_split(rest, test_size=share, random_state=how.seed)
        part_of[validation] = VALIDATION
    else:
        rest, test = draw(strata, how.test, how.seed)
        _, within = draw(strata[rest], share, how.seed)
        part_of[rest[within]] = VALIDATION
    part_of[test] = TEST
    return part_of


def _by_group(how: GroupSplit, groups: np.ndarray) -> np.ndarray:
    """Assign whole groups. `groups` has (n,) numbers from 0."""
    from sklearn.model_selection import ShuffleSplit

    known = np.flatnonzero(np.bincount(groups))
    part_of = np.zeros(known[-1] + 1, dtype="int8")
    rest, test = next(ShuffleSplit(1, test_size=how.test, random_state=how.seed).split(known))
    part_of[known[test]] = TEST
    remaining = np.sort(known[rest])
    share = how.validation / (1 - how.test)
    _, validation = next(ShuffleSplit(1, test_size=share, random_state=how.seed).split(remaining))
    part_of[remaining[validation]] = VALIDATION
    return np.asarray(part_of[groups])


def _by_time(how: TimeSplit | OrderSplit, times: np.ndarray) -> np.ndarray:
    """Assign rows by time. Rows of equal time are in the same part."""
    last = len(times) - 1
    places = [min(round(len(times) * share), last) for share in (1 - how.test, 1 - how.test - how.validation)]
    tested_from, chosen_from = np.partition(times, places)[places]
    part_of = np.zeros(len(times), dtype="int8")
    part_of[times >= chosen_from] = VALIDATION
    part_of[times >= tested_from] = TEST
    return part_of
