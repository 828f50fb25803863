"""Labels of one use case with the features of a group that another one writes, as they were known at each label."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import ConfigError, MissingInput, SourceError
from config.use_case import UseCase
from tasks import clients
from tasks.feature_store import groups, offline, writing
from tasks.feature_store.online import values_of
from tasks.platform.seed import seed_use_case
from tasks.sources import source_of
from tests.patience import until
from tests.tasks.feature_store.validated import validated_rows
from tests.use_cases import small_use_case

DAYS = pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-01"]).astype("datetime64[us]")
LABELS = "person,decided,passed\n2,2026-01-03,no\n1,2026-01-06T08:00:00Z,yes\n1,2026-01-04,no\n9,2026-01-06,yes\n"


def writing_case() -> UseCase:
    """A use case that writes ages, and the date from which each is valid."""
    columns = {
        "id": {"type": "integer", "minimum": 1},
        "day": {"type": "date"},
        "age": {"type": "integer", "minimum": 10, "maximum": 30},
        "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    group = {"group": "people", "key": ["id"], "event_time": "day", "features": ["age", "colour"]}
    seed_use_case("features_shared")
    return small_use_case(name="features_shared", columns=columns, key=["id", "day"], feature_store=group)


def reading_case(name: str, labels: Path, **group: Any) -> UseCase:
    """A use case with other labels, which reads the group of the first."""
    source = {
        "kind": "feature_store",
        "labels": {"kind": "location", "location": str(labels)},
        "key": ["person"],
        "event_time": "decided",
        "groups": [{"use_case": "features_shared", "group": "people", "features": ["age", "colour"], **group}],
    }
    columns = {
        "person": {"type": "integer", "minimum": 1},
        "decided": {"type": "datetime"},
        "age": {"type": "integer", "minimum": 10, "maximum": 30, "nullable": True},
        "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    return small_use_case(name=name, columns=columns, key=["person", "decided"], source=source)


@pytest.fixture(scope="module")
def history(bucket: str) -> UseCase:
    """The group with three records, of which two are of person 1, in its offline store."""
    own = writing_case()
    frame = pd.DataFrame(
        {
            "id": pd.array([1, 1, 2], "Int64"),
            "day": DAYS,
            "age": pd.array([15, 16, 20], "Int64"),
            "colour": pd.array(["red", None, "green"], "string"),
        }
    )
    assert writing.write_features.fn(own, validated_rows(own, frame)) == 3
    group = groups.require(own.name, "people")
    until(lambda: offline.history_of(group, ["age"])[1].num_rows, lambda rows: rows == 3)
    return own


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    file = tmp_path / "labels.csv"
    file.write_text(LABELS)
    return file


def rows_of(case: UseCase) -> pa.Table:
    return pa.Table.from_batches(source_of(case, None).batches())


def test_each_label_gets_the_features_of_its_time_in_its_place(history: UseCase, labels: Path) -> None:
    found = rows_of(reading_case("features_reader", labels, known="event_time"))
    assert found.column("person").to_pylist() == ["2", "1", "1", "9"]
    assert found.column("age").to_pylist() == [20, 16, 15, None]
    assert found.column("colour").to_pylist() == ["green", None, "red", None]


def test_values_that_were_written_after_the_event_are_not_known(history: UseCase, labels: Path) -> None:
    assert rows_of(reading_case("features_reader", labels)).column("age").to_pylist() == [None] * 4
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    labels.write_text(f"person,decided,passed\n1,{later},yes\n2,2026-01-03,no\n")
    assert rows_of(reading_case("features_reader", labels)).column("age").to_pylist() == [16, None]


def test_records_beyond_the_maximum_age_are_not_used(history: UseCase, labels: Path) -> None:
    found = rows_of(reading_case("features_reader", labels, known="event_time", maximum_age_in_days=1.5))
    assert found.column("age").to_pylist() == [None, 16, None, None]


def test_a_feature_may_have_another_name(history: UseCase, labels: Path) -> None:
    found = rows_of(reading_case("features_reader", labels, known="event_time", features={"years": "age"}))
    assert found.column("years").to_pylist() == [20, 16, 15, None]


def test_a_new_record_changes_the_fingerprint(history: UseCase, labels: Path) -> None:
    source = source_of(reading_case("features_reader", labels), None)
    before = source.fingerprint()
    assert before == source.fingerprint()
    group = groups.require(history.name, "people")
    late = [("id", "3"), ("event_time", "2026-02-01T00:00:00.000Z"), ("age", "11")]
    clients.feature_store().put_record(
        FeatureGroupName=group.name, Record=[{"FeatureName": name, "ValueAsString": text} for name, text in late]
    )
    until(source.fingerprint, lambda found: found != before)


def test_predictions_by_key_read_the_shared_group(history: UseCase, labels: Path) -> None:
    assert values_of(reading_case("features_reader", labels), ["1", "404"]) == {"1": {"age": "16", "colour": None}}


@pytest.mark.parametrize(
    ("change", "labels_text", "error", "message"),
    [
        ({"group": "nobody"}, LABELS, MissingInput, "feature group features-shared-nobody: expected SageMaker to have"),
        ({"features": ["size"]}, LABELS, SourceError, "expected the features size, found id, event_time, age, colour"),
        ({"features": {"passed": "age"}}, LABELS, SourceError, "expected no column that a feature group adds"),
        ({}, LABELS.replace("decided", "when"), SourceError, "expected the column 'decided' of the key or the event"),
        ({}, LABELS.replace("2026-01-03", "soon"), SourceError, "expected times in ISO 8601"),
    ],
)
def test_what_does_not_fit_is_refused(
    history: UseCase, labels: Path, change: dict[str, Any], labels_text: str, error: type[Exception], message: str
) -> None:
    labels.write_text(labels_text)
    with pytest.raises(error, match=message):
        rows_of(reading_case("features_reader", labels, **change))


def test_a_use_case_without_a_group_has_no_keys_to_predict() -> None:
    with pytest.raises(
        ConfigError, match="expected groups with every column of a request, found none with age, colour"
    ):
        values_of(small_use_case(), ["1"])
