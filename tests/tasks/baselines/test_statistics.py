"""statistics.json of Model Monitor as a reference profile, with which drift is judged."""

import numpy as np
import pyarrow as pa
import pytest

from config.errors import SourceError
from tasks.baselines.statistics import Imported, profile_of
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile
from tasks.profiles.verdicts import feature_drifts
from tests.tasks.baselines.documents import number, statistics, text
from tests.use_cases import small_use_case

CASE = small_use_case()
AGES = [10 + place % 20 for place in range(400)]


def imported(*features: dict[str, object], rows: int = 100) -> Imported:
    return profile_of(CASE, "statistics.json", statistics(*features, rows=rows))


def test_a_sketch_of_one_level_has_every_row() -> None:
    found = imported(number("age", [[12.0, 15.0, 12.0]], missing=2), text("colour", green=7, red=3))
    age, colour = found.profile.columns["age"], found.profile.columns["colour"]
    assert isinstance(age, NumberProfile)
    assert age.distribution
    assert (age.count, age.missing, age.distribution.minimum, age.distribution.maximum) == (5, 2, 12, 15)
    assert age.distribution.histogram
    assert (age.distribution.histogram.low, age.distribution.histogram.rows) == ((12, 15), (2, 1))
    assert isinstance(colour, CategoryProfile)
    assert (colour.frequent, colour.complete) == ({"green": 7, "red": 3}, True)
    assert found.profile.rows == 100
    assert not [note for note in found.notes if note.startswith(("age", "colour"))]


def test_a_value_of_a_higher_level_stands_for_more_rows() -> None:
    found = imported(number("age", [[12.0], [15.0, 20.0], [25.0]]))
    age = found.profile.columns["age"]
    assert isinstance(age, NumberProfile)
    assert age.distribution
    assert age.distribution.histogram
    assert age.distribution.histogram.rows == (1, 2, 2, 4)
    assert "age: its distribution is estimated by the KLL sketch of the statistics" in found.notes


def test_without_a_sketch_the_buckets_are_the_bins() -> None:
    found = imported(number("age", None))
    age = found.profile.columns["age"]
    assert isinstance(age, NumberProfile)
    assert age.distribution
    assert age.distribution.histogram
    assert age.distribution.histogram.rows == (1, 1)
    assert age.distribution.histogram.high[0] < age.distribution.histogram.low[1]
    assert any("their buckets only" in note for note in found.notes)


def test_drift_works_at_once_with_an_imported_profile() -> None:
    reference = imported(number("age", [[float(age) for age in AGES]]), text("colour", green=200, red=200)).profile
    same = np.random.default_rng(3).permutation(AGES)
    for ages, colour, verdicts in ((same, ["green", "red"], {"stable"}), (same // 4, ["blue", "red"], {"drift"})):
        batch = pa.RecordBatch.from_pydict({"age": pa.array(ages), "colour": pa.array(colour * 200)})
        live = profile([batch], {"age": "integer", "colour": "category"}).summary()
        assert {each.verdict for each in feature_drifts(CASE.monitoring, reference, live)} == verdicts


def test_categories_that_are_not_all_listed_are_not_judged() -> None:
    found = imported(text("colour", unlisted=50, green=7, red=3))
    colour = found.profile.columns["colour"]
    assert isinstance(colour, CategoryProfile)
    assert (colour.complete, colour.count) == (False, 60)
    assert "colour: its distribution is not judged: the statistics list the categories of 10 of 60 rows" in found.notes


def test_a_category_of_whole_numbers_needs_every_row() -> None:
    assert imported(number("colour", [[0.0, 1.0, 1.0]])).profile.columns["colour"].frequent == {"1": 2, "0": 1}  # type: ignore[union-attr]
    with pytest.raises(SourceError, match="needs a KLL sketch with every row"):
        imported(number("colour", [[0.0], [1.0]]))


def test_what_is_not_in_the_profile_is_named() -> None:
    notes = imported(text("colour", green=1), text("origin", here=5), text("height", tall=1)).notes
    assert "age: not in the profile: the statistics do not have it" in notes
    assert "origin: not in the profile: it is sensitive" in notes
    assert "height: not in the profile: it is no feature, nor an answer, of the use case" in notes


def test_a_feature_of_another_type_is_named_and_the_others_are_taken() -> None:
    found = imported(text("age", ten=4), text("colour", green=1))
    assert set(found.profile.columns) == {"colour"}
    assert "age: not in the profile: expected numerical_statistics, found a String feature" in found.notes


def test_statistics_that_do_not_fit_the_schema_are_named() -> None:
    broken = number("age", [[1.0]])
    broken["numerical_statistics"]["mean"] = "NaN of all"
    assert any("do not fit the schema" in note for note in imported(broken, text("colour", green=1)).notes)


def test_a_feature_without_any_value_has_no_distribution() -> None:
    nothing = number("age", [[1.0]])
    nothing["numerical_statistics"]["common"] = {"num_present": 0, "num_missing": 9}
    age = imported(nothing, text("colour", green=1)).profile.columns["age"]
    assert (age.count, age.missing) == (9, 9)


def test_statistics_without_any_feature_of_the_use_case_are_refused() -> None:
    with pytest.raises(SourceError, match="expected statistics of features of small_one"):
        imported(text("height", tall=1))
    with pytest.raises(SourceError, match="with the key features"):
        profile_of(CASE, "x.json", {"binary_classification_metrics": {}})
