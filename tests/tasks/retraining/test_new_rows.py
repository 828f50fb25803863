"""What a dataset version has that the champion was not trained on, with real versions in Iceberg."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.landing.commit import land
from tasks.references import Champion, DatasetVersion, DataSplit
from tasks.retraining.new_rows import why_nothing_new
from tests.tasks.landing.support import case as case_of
from tests.tasks.landing.support import rows, source_of


def landed(case: UseCase, frame: pd.DataFrame) -> DatasetVersion:
    return land(case, source_of(frame, f"{len(frame)} rows"))


def make_champion(case: UseCase, digest: str) -> None:
    """Make a model of this dataset version the champion."""
    plain = {"use_case": case.name, "digest": "s", "dataset": digest, "unused_features": {}}
    split = DataSplit.of_manifest("s3://b/s", {**plain, "rows": {"train": 1, "validation": 1, "test": 1}})
    champion = Champion(
        use_case=case.name, model_package_arn="arn/1", version=1, model_uri="s3://b/m", split=split,
        since=datetime.now(UTC), reason="first",
    )  # fmt: skip
    storage.put(locations.champion(case.name), champion.model_dump_json().encode())


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    """A use case whose champion was trained on three rows."""
    case = case_of("new_rows")
    make_champion(case, landed(case, rows(1, 2, 3)).digest)
    return case


@pytest.mark.parametrize(
    ("after", "nothing_new"),
    [
        (rows(1, 2, 3), True),
        (rows(3, 2, 1), True),
        (rows(1, 3), True),
        (rows(1, 2, 3, 4), False),
        (rows(1, 2, 3, 3), False),
        (rows(1, 2, 3, age=[11, 12, 99]), False),
    ],
    ids=["same", "other order", "fewer", "one more", "one twice", "one changed"],
)
def test_rows_are_new_that_the_champion_s_version_does_not_have(
    case: UseCase, after: pd.DataFrame, nothing_new: bool
) -> None:
    assert (why_nothing_new(case, landed(case, after)) is not None) == nothing_new


def test_a_new_column_alone_makes_no_row_new(case: UseCase) -> None:
    wider = {**case.model_dump(), "columns": {**case.columns, "room": {"type": "integer", "nullable": True}}}
    wide = UseCase.model_validate(wider)
    assert "has no row that version" in str(why_nothing_new(wide, landed(wide, rows(1, 2, 3, room=[7, 8, 9]))))


def test_without_a_champion_or_its_version_every_row_is_new(bucket: str) -> None:
    case = case_of("new_rows_first")
    dataset = landed(case, rows(1, 2, 3))
    assert why_nothing_new(case, dataset) is None
    make_champion(case, "a-deleted-version")
    assert why_nothing_new(case, dataset) is None
