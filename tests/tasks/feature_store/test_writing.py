"""Validated rows in a feature group of the offline SageMaker: new and changed rows only, however often it is run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from config.errors import InvalidRows, JobFailed, Unavailable
from config.use_case import UseCase
from tasks import clients, locations, names, storage
from tasks.feature_store import groups, writing
from tasks.feature_store.bulk import ATTEMPTS, BATCH, write_all
from tasks.feature_store.ledger import Ledger
from tasks.feature_store.records import records_of
from tasks.platform.seed import seed_use_case
from tests.patience import until
from tests.tasks.feature_store.validated import validated_rows
from tests.use_cases import small_use_case

ROWS = 60


def case(name: str, **group: Any) -> UseCase:
    found = small_use_case(
        name=name, feature_store={"group": "people", "key": ["id"], "features": ["age", "colour"], **group}
    )
    seed_use_case(name)
    return found


def rows(count: int = ROWS) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": pd.array([number + 1 for number in range(count)], "Int64"),
            "age": pd.array([10 + number % 20 for number in range(count)], "Int64"),
            "colour": pd.array([["red", "green", None][number % 3] for number in range(count)], "string"),
            "origin": pd.array(["here"] * count, "string"),
            "passed": pd.array([["no", "yes"][number % 2] for number in range(count)], "string"),
        }
    )


def online(case: UseCase, identifier: str) -> dict[str, str]:
    group = names.feature_group(case.name, "people")
    found = clients.feature_store().get_record(FeatureGroupName=group, RecordIdentifierValueAsString=identifier)
    return {each["FeatureName"]: each["ValueAsString"] for each in found.get("Record", [])}


def test_a_second_run_writes_nothing_and_a_changed_row_alone_is_written(bucket: str) -> None:
    own = case("features_again")
    first = validated_rows(own, rows())
    assert writing.write_features.fn(own, first) == ROWS
    assert writing.write_features.fn(own, first) == 0
    landed = storage.modified(first.dataset.uri).astimezone(UTC)
    assert online(own, "3") == {"id": "3", "age": "12", "event_time": f"{landed:%Y-%m-%dT%H:%M:%S}.000Z"}

    until(lambda: datetime.now(UTC).replace(microsecond=0) > landed, bool)  # S3 knows seconds
    frame = rows()
    frame.loc[2, "age"], frame.loc[2, "colour"] = 29, "red"
    assert writing.write_features.fn(own, validated_rows(own, frame)) == 1
    assert (online(own, "3")["age"], online(own, "3")["colour"]) == ("29", "red")


def test_only_the_declared_columns_are_written(bucket: str) -> None:
    own = case("features_only")
    writing.write_features.fn(own, validated_rows(own, rows(3)))
    assert groups.require(own.name, "people").features == {
        "id": "Integral",
        "event_time": "String",
        "age": "Integral",
        "colour": "String",
    }
    assert online(own, "1").keys() == {"id", "age", "colour", "event_time"}


def test_an_interrupted_run_continues_after_the_records_that_were_written(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = case("features_resumed")
    found = validated_rows(own, rows())
    monkeypatch.setattr(writing, "PORTION", 20)
    group = groups.ensure(own, own.feature_store)  # type: ignore[arg-type]
    ids = [str(number + 1) for number in range(20)]
    portion = next(writing._portions(next(storage.get_batches(found.uri, ["id", "age", "colour"]))))
    written = records_of(own, own.feature_store, portion, datetime.now(UTC))  # type: ignore[arg-type]
    folder = locations.written_features(own.name, group.table)
    Ledger.read(folder, by_event_time=False).add(ids, written.event_times, written.digests)
    assert writing.write_features.fn(own, found) == ROWS - 20


def test_the_newest_values_count_though_an_older_version_is_written_after_them(bucket: str) -> None:
    folder = locations.written_features("features_late", "people-1")
    ledger = Ledger.read(folder, by_event_time=False)
    ledger.add(["1"], ["2026-01-02T00:00:00.000Z"], [b"new"])
    ledger.add(["1"], ["2026-01-01T00:00:00.000Z"], [b"old"])
    for each in (ledger, Ledger.read(folder, by_event_time=False)):
        assert each.has("1", "2026-01-03T00:00:00.000Z", b"new")
        assert not each.has("1", "2026-01-03T00:00:00.000Z", b"old"), "the online store has the new values"


def test_new_features_are_added_and_another_type_is_refused(bucket: str) -> None:
    own = case("features_grow")
    found = validated_rows(own, rows(3))
    writing.write_features.fn(own, found)
    more = case("features_grow", features=["age", "colour", "origin"], sensitive=["origin"])
    assert writing.write_features.fn(more, found) == 3
    assert "origin" in groups.require(own.name, "people").features
    many = {f"wide_{number}": "String" for number in range(101)}  # one update takes 100
    groups.add_features(names.feature_group(own.name, "people"), many)
    assert many.keys() <= groups.require(own.name, "people").features.keys()
    offline = case("features_grow", online=False)
    with pytest.raises(JobFailed, match="expected what it was created with, found online: false instead of true"):
        writing.write_features.fn(offline, found)


def test_rows_with_the_same_key_and_time_are_refused_before_anything_is_written(bucket: str) -> None:
    own = case("features_twice", key=["age"], features=["colour"])
    with pytest.raises(InvalidRows, match="expected one row for each key"):
        writing.write_features.fn(own, validated_rows(own, rows()))
    assert groups.find(names.feature_group(own.name, "people")) is None


class Throttling:
    """Takes a record only when it has come for the third time."""

    def __init__(self, after: int = 2) -> None:
        self.after, self.seen, self.taken = after, dict[str, int](), list[str]()

    def __call__(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  as boto3 names it
        left = []
        for entry in Entries:
            name = entry["Record"][0]["ValueAsString"]
            self.seen[name] = self.seen.get(name, 0) + 1
            self.taken += [name] if self.seen[name] > self.after else []
            left += [entry] if self.seen[name] <= self.after else []
        failed = [{"Entry": entry, "ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"} for entry in left]
        return {"Errors": failed[::2], "UnprocessedEntries": left[1::2]}


@pytest.fixture
def records() -> Iterator[list[list[dict[str, str]]]]:
    yield [[{"FeatureName": "id", "ValueAsString": str(number)}] for number in range(3 * BATCH + 1)]


def test_throttled_records_are_sent_again_until_each_is_taken_once(records: list[list[dict[str, str]]]) -> None:
    throttling, pauses = Throttling(), list[float]()
    write_all("people", records, throttling, pauses.append)
    assert sorted(throttling.taken, key=int) == [record[0]["ValueAsString"] for record in records]
    assert len(pauses) == 2 * 4


def test_records_that_are_throttled_for_too_long_end_the_run(records: list[list[dict[str, str]]]) -> None:
    with pytest.raises(Unavailable, match=f"throttled after {ATTEMPTS} attempts"):
        write_all("people", records, Throttling(after=100), lambda pause: None)


def test_a_refused_record_is_an_error_with_awss_reason(records: list[list[dict[str, str]]]) -> None:
    def refuse(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  as boto3 names it
        return {"Errors": [{"Entry": Entries[0], "ErrorCode": "ValidationError", "ErrorMessage": "no integer"}]}

    with pytest.raises(InvalidRows, match="found 1 refused in a request: ValidationError: no integer"):
        write_all("people", records, refuse)
