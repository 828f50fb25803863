"""The profile of a split's training rows."""

from tasks import storage
from tasks.profiled_columns import profiled_features
from tasks.profiles.training_profile import SKETCHES, SUMMARY, training_profile
from tests.tasks.monitoring.live_hours import released_case


def test_another_set_of_features_has_a_profile_of_its_own_and_the_same_one_is_reused(bucket: str) -> None:
    case, champion = released_case(rows=20)
    features = profiled_features(case)
    folder, profile = training_profile(case, champion.split, features)
    other, fewer = training_profile(case, champion.split, {"age": features["age"]})
    assert (set(profile.columns), set(fewer.columns), folder == other) == ({"age", "colour"}, {"age"}, False)
    assert {SKETCHES, SUMMARY} < set(storage.names(folder))
    assert training_profile(case, champion.split, features) == (folder, profile)
