"""The features of a group at events, from a history in memory."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from config.errors import SourceError
from config.sources.feature_store import GroupColumns
from tabular.columns import Column
from tabular.formats import Format
from tasks.feature_store.as_known import History
from tasks.feature_store.groups import Group
from tasks.sources.known_features import DAY, KnownFeatures, with_columns


def known_features(**wanted: Any) -> KnownFeatures:
    """Person 1 is 15 from day 0 and 16 from day 4; person 2 is 20 from day 0."""
    group = Group("people", "id", {"id": "Integral", "age": "Integral"}, datetime.now(UTC), "s3://b/o", online=False)
    times = np.array([0, 4, 0], np.int64) * DAY
    return KnownFeatures(
        GroupColumns(use_case="small_one", group="people", **{"features": ("age",), **wanted}),
        group,
        History(pa.array(["1", "1", "2"]), times, times),
        pa.table({"age": [15, 16, 20]}),
    )


def ages(found: KnownFeatures, column: str = "age") -> list[int | None]:
    """The ages at four events."""
    at = np.array([3, 5, 2, 5], np.int64) * DAY
    return found.at(pa.array(["1", "1", "2", "404"]), at)[column].to_pylist()  # type: ignore[no-any-return]


def test_events_get_the_newest_values_before_them_under_the_column_s_own_name() -> None:
    assert ages(known_features()) == [15, 16, 20, None]
    assert ages(known_features(features={"years": "age"}), "years") == [15, 16, 20, None]


def test_the_maximum_age_is_in_days_and_included() -> None:
    assert ages(known_features(maximum_age_in_days=2)) == [None, 16, 20, None]
    assert ages(known_features(maximum_age_in_days=1.5)) == [None, 16, None, None]


def test_a_key_that_the_use_case_does_not_have_is_read_as_the_group_s_type() -> None:
    keys = {"person": pa.array(["1", " 2", "03"])}
    assert known_features().identifiers_of(keys, {}, Format()).to_pylist() == ["1", "2", "3"]
    as_text = {"person": Column("person", "category")}
    assert known_features().identifiers_of(keys, as_text, Format()).to_pylist()[2] == "03"


def test_added_columns_come_after_the_rows_own_and_never_replace_one() -> None:
    rows = pa.record_batch({"id": [1], "passed": ["no"], "row number": [7]})
    found = with_columns(rows, {"age": pa.array([15])}, 2, "labels.csv")
    assert found.to_pylist() == [{"id": 1, "passed": "no", "age": 15, "row number": 7}]
    assert found.schema.names == ["id", "passed", "age", "row number"]
    with pytest.raises(SourceError, match=r"labels.csv: expected no column .*, found 'passed'.*\{NAME: passed\}"):
        with_columns(rows, {"passed": pa.array(["yes"])}, 2, "labels.csv")
