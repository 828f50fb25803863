"""split: rows to train on, to choose by and to judge by, with nothing leaking from one to the other."""

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from config.errors import GateError
from config.splits import GroupSplit, RandomSplit, TimeSplit
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks import split_checks as checks
from tasks.model_contract import contract
from tasks.progress import log
from tasks.references import DataSplit, ValidatedDataset
from tasks.steps import step

Positions = tuple[list[int], list[int], list[int]]
"""The rows of train, validation and test, by position."""


@step(cached=True)
def split(use_case: UseCase, validated: ValidatedDataset) -> DataSplit:
    """Publish the three parts and the model's contract; the digest is that of the rows in each part, in order.

    Raises GateError when the rows can't be split so that every part has rows of every class.
    """
    frame = labelled(use_case, storage.get_parquet(validated.uri))
    parts = dict(zip(checks.PARTS, (frame.iloc[rows] for rows in positions(use_case, frame)), strict=True))
    unused = checks.unused_features(use_case, parts["train"])
    terms = contract(use_case).json()
    digest = digests.of_json([{name: digests.of_frame(part) for name, part in parts.items()}, terms])
    folder = locations.split(use_case.name, digest)
    storage.publish(
        folder,
        {
            **{f"{name}/data.parquet": storage.parquet(part) for name, part in parts.items()},
            "contract/contract.json": terms.encode(),
        },
        {
            "use_case": use_case.name,
            "digest": digest,
            "dataset": validated.dataset.digest,
            "split": use_case.split.model_dump(),
            "rows": {name: len(part) for name, part in parts.items()},
            "unused_features": unused,
        },
    )
    log.info("split     %s", ", ".join(f"{len(part):,} {name}" for name, part in parts.items()))
    for name, why in unused.items():
        log.info("          trained without %s: %s in the training rows", name, why)
    return DataSplit(
        use_case=use_case.name,
        digest=digest,
        dataset_digest=validated.dataset.digest,
        train_uri=f"{folder}/train",
        validation_uri=f"{folder}/validation",
        test_uri=f"{folder}/test",
        contract_uri=f"{folder}/contract",
        train_rows=len(parts["train"]),
        validation_rows=len(parts["validation"]),
        test_rows=len(parts["test"]),
        unused_features=unused,
    )


def labelled(use_case: UseCase, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the (n, columns) frame that have a target, with its column. Raises GateError for too few."""
    frame = with_target(use_case, frame)
    stated = frame[use_case.target.column].notna()
    if left_out := int((~stated).sum()):
        log.info("split     %s rows left out: they have no target", f"{left_out:,}")
    checks.require_target(use_case, frame[stated])
    return frame[stated]


def with_target(use_case: UseCase, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the (n, columns) frame with the target's column, which a rule may have to make.

    Where the rule is null, such as of a missing value, the target is missing.
    """
    target, rule = use_case.target, use_case.rule
    if rule is None or not target.classes:
        return frame
    found = rule.evaluate(frame, len(frame))
    classes = np.array(target.classes, dtype=object)[found.data.astype(int)]
    return frame.assign(**{target.column: np.where(found.null, None, classes)})


def positions(use_case: UseCase, frame: pd.DataFrame) -> Positions:
    """Return which of the n rows are in which part. Raises GateError when a part lacks rows, or rows of a class."""
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
    """Rows of one time all fall on one side of a boundary."""
    times = frame[how.column].reset_index(drop=True)
    ordered = times.sort_values(kind="stable").reset_index(drop=True)
    last = len(ordered) - 1
    tested_from = ordered.iloc[min(round(len(ordered) * (1 - how.test)), last)]
    chosen_from = ordered.iloc[min(round(len(ordered) * (1 - how.test - how.validation)), last)]
    tested, chosen = times >= tested_from, (times >= chosen_from) & (times < tested_from)
    return tuple(part.to_numpy().nonzero()[0].tolist() for part in (~tested & ~chosen, chosen, tested))
