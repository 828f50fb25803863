"""split: rows to train on, to choose by and to judge by, with nothing leaking from one to the other."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from config.errors import GateError
from config.splits import GroupSplit, RandomSplit, TimeSplit
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks import split_checks as checks
from tasks.model_contract import STORED, contract
from tasks.progress import log
from tasks.references import DataSplit, ValidatedDataset
from tasks.rows import stored_rows
from tasks.rows.stored_rows import RowFile
from tasks.steps import step

Positions = tuple[list[int], list[int], list[int]]
"""The rows of train, validation and test, by position."""


@step(cached=True)
def split(use_case: UseCase, validated: ValidatedDataset) -> DataSplit:
    """Publish the three parts and the model's contract; the digest is that of the rows in each part, in order.

    Raises GateError when the rows can't be split so that every part has rows of every class.
    """
    with stored_rows.opened(validated.uri) as file, ExitStack() as open_parts:
        rows = deciding_rows(use_case, file)
        part_of = assigned(use_case, rows)
        schema = part_schema(use_case, file.schema_arrow)
        parts = {name: open_parts.enter_context(Part(use_case, schema)) for name in checks.PARTS}
        first = 0
        for batch in file.iter_batches(stored_rows.BATCH_ROWS):
            within = slice(first, first + len(batch))
            stated = _stated(use_case, batch, rows.iloc[within], schema)
            for number, part in enumerate(parts.values()):
                part.add(stated.filter(pa.array(part_of[within] == number)))
            first += len(batch)
        return _publish(use_case, validated, parts)


class Part:
    """The rows of one part of a split."""

    def __init__(self, use_case: UseCase, schema: pa.Schema) -> None:
        self.file = RowFile(schema)
        self.features = checks.FeatureValues(use_case.features)
        self._digest = digests.RowDigest(schema)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the next rows."""
        self.file.write(batch)
        self.features.add(batch)
        self._digest.update(batch)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.file.rows

    @property
    def digest(self) -> str:
        """The digest of the rows."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.file.__exit__(*failure)


def deciding_rows(use_case: UseCase, file: pq.ParquetFile) -> pd.DataFrame:
    """The columns of all n rows that decide on the split: its own, what the target is made of, and the target."""
    own = () if use_case.split.by == "random" else (use_case.split.column,)
    needed = {*use_case.target_sources, *own}
    return with_target(use_case, file.read([name for name in use_case.columns if name in needed]).to_pandas())


def part_schema(use_case: UseCase, stored: pa.Schema) -> pa.Schema:
    """The schema of a part: that of the validated rows and the target's column, where a rule makes it."""
    own = {name: STORED[column.type] for name, column in use_case.columns.items()}
    return stored_rows.schema_of({**own, use_case.target.column: "string"}) if use_case.rule else stored


def _stated(use_case: UseCase, batch: pa.RecordBatch, rows: pd.DataFrame, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the target's column, which is in `rows`."""
    name = use_case.target.column
    made = {} if name in batch.schema.names else {name: pa.array(rows[name], pa.string())}
    columns = [made[each] if each in made else batch[each] for each in schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def assigned(use_case: UseCase, rows: pd.DataFrame) -> np.ndarray:
    """The (n,) number of each row's part, by `deciding_rows`; -1 for rows without a target.

    Raises GateError when the rows can't be split.
    """
    stated = labelled(use_case, rows)
    places = stated.index.to_numpy()
    part_of = np.full(len(rows), -1)
    for number, within in enumerate(positions(use_case, stated)):
        part_of[places[within]] = number
    return part_of


def _publish(use_case: UseCase, validated: ValidatedDataset, parts: Mapping[str, Part]) -> DataSplit:
    unused = checks.unused_features(use_case, parts["train"].features.summary())
    terms = contract(use_case).json()
    digest = digests.of_json([{name: part.digest for name, part in parts.items()}, terms])
    folder = locations.split(use_case.name, digest)
    storage.publish(
        folder,
        {
            **{f"{name}/data.parquet": part.file.finished() for name, part in parts.items()},
            "contract/contract.json": terms.encode(),
        },
        {
            "use_case": use_case.name,
            "digest": digest,
            "dataset": validated.dataset.digest,
            "split": use_case.split.model_dump(),
            "rows": {name: part.rows for name, part in parts.items()},
            "unused_features": unused,
        },
    )
    log.info("split     %s", ", ".join(f"{part.rows:,} {name}" for name, part in parts.items()))
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
        train_rows=parts["train"].rows,
        validation_rows=parts["validation"].rows,
        test_rows=parts["test"].rows,
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
