"""Profiles of an hour's scored rows, and of each segment."""

import pytest

from tasks.profiles import compact
from tasks.profiles.stored_profiles import CategoryProfile, Profile
from tasks.traffic import hour_profiles
from tasks.traffic.hour_profiles import MOST_VALUES, HourProfiles, together, values_of
from tests.tasks.traffic.scored_rows import scored_batch, segmented
from tests.use_cases import small_use_case

CASE = segmented("colour")


def profiled(*colours: list[str | None]) -> tuple[Profile, dict[str, Profile]]:
    """The profiles of batches with these colours: of all rows, and of each segment."""
    found = HourProfiles(CASE)
    whole = found.of(iter([scored_batch(CASE, each) for each in colours])).summary()
    return whole, {name: compact.from_bytes(content) for name, content in found.segments().items()}


def test_each_segment_has_its_rows_and_the_others_are_one() -> None:
    whole, segments = profiled(["red", "green", None], ["red", "blue", "red"])
    assert whole.rows == 6
    assert {name: found.rows for name, found in segments.items()} == {
        "colour=green": 1, "colour=other": 2, "colour=red": 3,
    }  # fmt: skip
    colour = segments["colour=red"].columns["colour"]
    assert isinstance(colour, CategoryProfile)
    assert colour.frequent == {"red": 3}


def test_features_and_answers_are_profiled_and_no_sensitive_column() -> None:
    whole, segments = profiled(["red"])
    expected = {"age", "colour", "prediction", "probability_no", "probability_yes"}
    assert whole.columns.keys() == segments["colour=red"].columns.keys() == expected


def test_segments_have_the_same_rows_whenever_they_are_profiled(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[list[str | None]] = [["red", "green"], ["red"], ["green", "red"]]
    at_once = profiled(*batches)[1]
    monkeypatch.setattr(hour_profiles, "TOGETHER", 2)
    found = profiled(*batches)[1]
    assert {name: each.rows for name, each in found.items()} == {"colour=green": 2, "colour=red": 3}
    assert [each.columns["colour"] for each in found.values()] == [each.columns["colour"] for each in at_once.values()]


def test_without_segments_only_the_whole_is_profiled() -> None:
    found = HourProfiles(small_use_case())
    assert found.of(iter([scored_batch(small_use_case(), ["red"])])).rows == 1
    assert found.segments() == {}


def test_the_first_categories_of_a_column_have_a_profile_of_their_own() -> None:
    categories = [f"c{number}" for number in range(MOST_VALUES + 5)]
    colour = {"type": "category", "categories": categories}
    many = segmented("colour", columns={**small_use_case().columns, "colour": colour})
    assert values_of(many, "colour") == tuple(categories[:MOST_VALUES])


def test_small_batches_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hour_profiles, "TOGETHER", 4)
    batches = [scored_batch(CASE, ["red"] * rows, f"e{rows}") for rows in (1, 3, 6, 2)]
    found = list(together(iter(batches)))
    assert [len(batch) for batch in found] == [4, 6, 2]
    assert [event for batch in found for event in batch.column("event_id").to_pylist()] == [
        "e1", *["e3"] * 3, *["e6"] * 6, *["e2"] * 2,
    ]  # fmt: skip
    assert list(together(iter([]))) == []
