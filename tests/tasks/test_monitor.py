"""Drift of scored rows from training rows, with real profiles in the offline cloud's S3."""

import numpy as np
import pandas as pd
import pytest

from config.use_case import UseCase
from tasks import clients, storage
from tasks.monitor import monitor
from tasks.profiled_columns import profiled_features
from tasks.profiles.stored_profiles import Profile
from tasks.references import DataSplit, Predictions
from tests.use_cases import small_use_case

SECRET = "from-a-sensitive-column"
CHANCE = np.random.default_rng(5)


def case() -> UseCase:
    return small_use_case(name="student_grades", features=["age", "colour", "origin"])


def stored_split(bucket: str, digest: str) -> DataSplit:
    """A split whose training rows are in S3."""
    folder = f"s3://{bucket}/student_grades/splits/{digest}"
    storage.put(f"{folder}/train/data.parquet", storage.parquet(rows(400)))
    return DataSplit(
        use_case="student_grades", digest=digest, dataset_digest="d", train_uri=f"{folder}/train",
        validation_uri=f"{folder}/validation", test_uri=f"{folder}/test", contract_uri=f"{folder}/contract",
        train_rows=400, validation_rows=0, test_rows=0,
    )  # fmt: skip


def stored_predictions(split: DataSplit, frame: pd.DataFrame) -> Predictions:
    uri = f"{split.test_uri}/predictions-{len(frame)}.parquet"
    storage.put(uri, storage.parquet(frame))
    return Predictions(
        use_case="student_grades", endpoint_name="e", trained_on=split, uri=uri, rows=len(frame), sample=()
    )


def rows(count: int, oldest: int = 30) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": pd.array(CHANCE.integers(10, oldest, count), dtype="Int64"),
            "colour": pd.array(CHANCE.choice(np.array(["green", "red", None], dtype=object), count), dtype="string"),
            "origin": pd.array([SECRET] * count, dtype="string"),
        }
    )


def test_rows_of_the_same_population_are_stable_and_moved_ones_are_drift(bucket: str) -> None:
    split = stored_split(bucket, "moved")
    same = monitor.fn(case(), split, stored_predictions(split, rows(390)))
    assert (same.verdict, {drift.feature for drift in same.features}) == ("stable", {"age", "colour"})
    moved = monitor.fn(case(), split, stored_predictions(split, rows(380, oldest=14)))
    assert (moved.verdict, moved.features[0].feature) == ("drift", "age")
    assert storage.get_json(moved.uri)["features"][0]["feature"] == "age"


def test_the_training_rows_are_profiled_once_for_each_split(bucket: str) -> None:
    split = stored_split(bucket, "once")
    predictions = stored_predictions(split, rows(50))
    first = monitor.fn(case(), split, predictions)
    name, key = storage.address(f"{split.train_uri}/data.parquet")
    clients.s3().delete_object(Bucket=name, Key=key)
    second = monitor.fn(case(), split, predictions)
    assert second.reference_profile_uri == first.reference_profile_uri
    assert second.features == first.features


def test_no_stored_form_of_a_profile_holds_a_sensitive_column(bucket: str) -> None:
    split = stored_split(bucket, "sensitive")
    report = monitor.fn(case(), split, stored_predictions(split, rows(60)))
    for uri in (report.reference_profile_uri, report.scored_profile_uri):
        for stored in (uri, uri.replace(".json", ".bin")):
            assert SECRET.encode() not in storage.get(stored)
            assert b"origin" not in storage.get(stored)
    assert Profile.model_validate_json(storage.get(report.scored_profile_uri)).rows == 60


def test_too_few_rows_have_no_verdict(bucket: str) -> None:
    split = stored_split(bucket, "few")
    assert monitor.fn(case(), split, stored_predictions(split, rows(9))).verdict == "too few rows"


def test_a_feature_without_any_value_in_the_scored_rows_is_drift(bucket: str) -> None:
    split = stored_split(bucket, "nothing")
    frame = rows(70).assign(colour=pd.Series([None] * 70, dtype=object))
    report = monitor.fn(case(), split, stored_predictions(split, frame))
    assert (report.verdict, report.features[0].feature) == ("drift", "colour")


def test_a_report_names_what_moved_and_is_the_same_in_each_run(bucket: str) -> None:
    split = stored_split(bucket, "named")
    predictions = stored_predictions(split, rows(90).assign(colour="blue"))
    first, second = (monitor.fn(case(), split, predictions) for _ in range(2))
    assert first.features == second.features
    colour = first.features[0]
    assert (colour.feature, colour.verdict, colour.significant) == ("colour", "drift", True)
    assert "new categories: 90 rows (blue)" in colour.moved


def test_where_every_feature_is_sensitive_nothing_is_profiled(bucket: str) -> None:
    split = stored_split(bucket, "hidden")
    hidden = small_use_case(name="student_grades", features=["origin"])
    assert profiled_features(hidden) == {}
    report = monitor.fn(hidden, split, stored_predictions(split, rows(80)))
    assert (report.verdict, report.features) == ("stable", ())


@pytest.mark.parametrize("features", [["age"], ["age", "colour"]])
def test_only_features_are_profiled(features: list[str]) -> None:
    assert list(profiled_features(small_use_case(features=features))) == features
