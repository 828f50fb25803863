"""split: rows to train on, to choose by and to judge by, with nothing leaking from one to the other."""

import pandas as pd
from prefect import task
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from config.splits import GroupSplit, RandomSplit, TimeSplit
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.contracts import contract
from tasks.progress import log
from tasks.references import DataSplit, ValidatedDataset

Positions = tuple[list[int], list[int], list[int]]
"""The rows of train, validation and test, by position."""


@task
def split(use_case: UseCase, validated: ValidatedDataset) -> DataSplit:
    """Publish the three parts and the model's contract; the digest is that of the rows in each part, in order."""
    frame = with_target(use_case, storage.get_parquet(validated.uri))
    names = ("train", "validation", "test")
    parts = dict(zip(names, (frame.iloc[rows] for rows in positions(use_case, frame)), strict=True))
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
        },
    )
    log.info("split     %s", ", ".join(f"{len(part):,} {name}" for name, part in parts.items()))
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
    )


def with_target(use_case: UseCase, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the (n, columns) frame with the target's column, which a rule may have to make."""
    target = use_case.target
    if not target.rule or not target.classes:
        return frame
    return frame.assign(
        **{target.column: frame.eval(target.rule).map(dict(zip((False, True), target.classes, strict=True)))}
    )


def positions(use_case: UseCase, frame: pd.DataFrame) -> Positions:
    """Return which of the n rows fall where."""
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
    tested_from = ordered.iloc[round(len(ordered) * (1 - how.test))]
    chosen_from = ordered.iloc[round(len(ordered) * (1 - how.test - how.validation))]
    tested, chosen = times >= tested_from, (times >= chosen_from) & (times < tested_from)
    return tuple(part.to_numpy().nonzero()[0].tolist() for part in (~tested & ~chosen, chosen, tested))
