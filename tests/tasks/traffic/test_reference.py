"""The reference profile of a model version: its training rows and its predictions of the held-out rows."""

import pytest

from config.errors import MissingInput
from tasks import storage
from tasks.platform import platform
from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile, Profile
from tasks.traffic import reference
from tasks.traffic.reference import reference_profile, store_imported, store_reference
from tests.tasks.monitoring.live_hours import frame, held_out_predictions, released_case


def stored(case: str) -> list[str]:
    folder = f"s3://{platform().bucket('monitoring')}/{case}/profiles/models"
    return [name for name in storage.names(folder) if name.endswith("manifest.json")]


def rows_of(found: Profile) -> dict[str, int]:
    return {name: column.count for name, column in found.columns.items()}


def test_features_come_from_the_training_rows_and_answers_from_the_held_out_rows(bucket: str) -> None:
    case, champion = released_case()
    held_out_predictions(case, champion, frame(80))
    held_out_predictions(case, champion, frame(7), held_out=False)
    found = reference_profile(case, champion.version)
    assert rows_of(found) == {
        "age": 600, "colour": 600, "prediction": 80, "probability_no": 80, "probability_yes": 80,
    }  # fmt: skip


def test_a_versions_reference_is_stored_once_and_stays(bucket: str) -> None:
    case, champion = released_case()
    predictions = held_out_predictions(case, champion, frame(80))
    store_reference.fn(case, predictions)
    first = reference_profile(case, champion.version)
    held_out_predictions(case, champion, frame(90))
    storage.delete([f"{champion.split.train_uri}/part-00000.parquet"])
    assert reference_profile(case, champion.version) == first
    assert len(stored(case.name)) == 1


def test_predictions_of_other_rows_store_no_reference(bucket: str) -> None:
    case, champion = released_case()
    store_reference.fn(case, held_out_predictions(case, champion, frame(80), held_out=False))
    assert stored(case.name) == []


def test_without_held_out_predictions_the_reference_has_features_and_is_completed_later(bucket: str) -> None:
    case, champion = released_case()
    assert rows_of(reference_profile(case, champion.version)) == {"age": 600, "colour": 600}
    held_out_predictions(case, champion, frame(80))
    assert "prediction" in rows_of(reference_profile(case, champion.version))


def test_a_segment_is_limited_to_its_rows(bucket: str) -> None:
    case, champion = released_case()
    held_out_predictions(case, champion, frame(80))
    whole, red = (reference_profile(case, champion.version, segment) for segment in ("", "colour=red"))
    colours = whole.columns["colour"]
    assert isinstance(colours, CategoryProfile)
    assert red.rows == colours.frequent["red"]
    assert red.columns["prediction"].count == (frame(80)["colour"] == "red").sum()


def test_a_segment_of_a_derived_column_is_computed(bucket: str) -> None:
    derived = {"adult": {"expression": "age >= 18", "type": "category"}}
    case, champion = released_case(derived=derived, features=["age", "colour", "adult"])
    held_out_predictions(case, champion, frame(80))
    ages = reference_profile(case, champion.version, "adult=true").columns["age"]
    assert isinstance(ages, NumberProfile)
    assert ages.distribution
    assert ages.distribution.minimum == 18


def test_the_answers_to_a_sensitive_target_are_not_profiled(bucket: str) -> None:
    columns = {
        "age": {"type": "integer"}, "colour": {"type": "category", "categories": ["green", "red"]},
        "passed": {"type": "category", "categories": ["no", "yes"], "sensitive": True},
    }  # fmt: skip
    case, champion = released_case(columns=columns, key=[])
    held_out_predictions(case, champion, frame(80))
    assert set(reference_profile(case, champion.version).columns) == {"age", "colour"}


def test_an_imported_baseline_replaces_the_training_rows(bucket: str) -> None:
    case, champion = released_case()
    other = reference_profile(case, champion.version).model_copy(update={"rows": 12})
    assert storage.exists(store_imported(case, champion.version, other, "statistics.json"))
    assert reference_profile(case, champion.version) == other
    assert reference_profile(case, champion.version, "colour=red").rows != 12


def test_an_unknown_version_is_an_error_that_names_it(bucket: str) -> None:
    case, _ = released_case()
    with pytest.raises(MissingInput, match=r"expected version 9 in .*, found none"):
        reference_profile(case, 9)


def test_a_version_in_a_group_that_was_made_again_has_a_reference_of_its_own(bucket: str) -> None:
    case, champion = released_case()
    version = reference.model_version(case, champion.version)
    again = reference.ModelVersion(version.arn, "s3://bucket/another/model.tar.gz", version.split)
    assert reference.imported_folder(case, version) != reference.imported_folder(case, again)
