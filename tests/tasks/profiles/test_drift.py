"""The changes of a column between stored profiles, and their verdicts."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.profiles.drift import Comparison, compare
from tasks.profiles.stored_profiles import CategoryProfile, ColumnProfile, Profile
from tasks.profiles.verdicts import feature_drifts, judge
from tests.tasks.profiles.profile_support import categories, numbers
from tests.use_cases import small_use_case

LIMITS = small_use_case().monitoring
NOTHING = Comparison((), ())


def chance(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def verdict(reference: ColumnProfile, scored: ColumnProfile, *others: Comparison) -> Any:
    """The drift of a column in a run that also tests others."""
    return judge(LIMITS, {"x": compare(reference, scored), **{f"{n}": each for n, each in enumerate(others)}})[0]


def above_zero(rows: int, share: float, seed: int = 3) -> np.ndarray:
    draws = chance(seed)
    return np.where(draws.random(rows) < share, draws.geometric(0.5, rows), 0.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.zeros(1_000), np.ones(1_000)),
        (np.repeat([0.0, 1.0], [950, 50]), np.repeat([0.0, 1.0], [500, 500])),
        (above_zero(1_000, 0.08), above_zero(1_000, 0.30, 4)),
        (np.zeros(2_000), above_zero(2_000, 0.27)),
    ],
)
def test_a_point_mass_that_grows_or_shrinks_is_drift(before: np.ndarray, after: np.ndarray) -> None:
    assert verdict(numbers(before), numbers(after)).verdict == "drift"
    assert verdict(numbers(after), numbers(before)).verdict == "drift"


def test_a_default_value_within_the_range_is_found_and_named() -> None:
    draws = chance()
    after = np.where(draws.random(2_000) < 0.08, 0.5, draws.normal(size=2_000))
    found = verdict(numbers(chance(4).normal(size=20_000)), numbers(after))
    assert found.verdict == "drift"
    assert "single value" in found.change
    assert found.moved[0].startswith("0.5")


def test_many_uniform_categories_without_drift_are_stable() -> None:
    levels = np.array([f"level {number}" for number in range(200)], dtype=object)
    for seed in range(20):
        draws = chance(seed)
        assert verdict(categories(draws.choice(levels, 600)), categories(draws.choice(levels, 200))).verdict == "stable"


@pytest.mark.parametrize(("values", "rows"), [(1_000, 20_000), (5_000, 20_000), (300, 2_000)])
def test_rare_categories_that_are_all_replaced_are_drift(values: int, rows: int) -> None:
    before, after = (
        np.where(chance(seed).random(rows) < 0.5, "A", chance(seed + 1).integers(0, values, rows).astype(str) + prefix)
        for seed, prefix in ((1, " old"), (3, " new"))
    )
    found = verdict(categories(before.tolist()), categories(after.tolist()))
    assert (found.verdict, found.change) == ("drift", "new categories")
    assert "new categories: " in found.moved[0]
    same = np.where(chance(5).random(rows) < 0.5, "A", chance(6).integers(0, values, rows).astype(str) + " old")
    assert verdict(categories(before.tolist()), categories(same.tolist())).verdict == "stable"


def test_identifiers_that_are_new_in_each_row_are_no_drift() -> None:
    before, after = (categories([f"{part}{number}" for number in range(3_000)]) for part in "ab")
    assert verdict(before, after).verdict == "stable"


def test_a_new_category_is_judged_with_few_rows_of_it() -> None:
    before, after = ["a", "b"] * 5_000, ["a", "b"] * 480 + ["c"] * 40
    found = verdict(categories(before), categories(after))
    assert found.verdict == "warning"
    assert found.moved == ("new categories: 40 rows (c)", "c: from 0.0% to 4.0% of the rows")
    assert verdict(categories(before), categories([*before[:997], "c", "c", "c"])).verdict == "stable"


def test_values_outside_the_training_range_are_found() -> None:
    inside = chance().uniform(0, 1, 5_000)
    found = verdict(numbers(inside), numbers(np.append(inside[:940], np.linspace(1.1, 1.2, 60))))
    assert (found.verdict, found.change) == ("drift", "range")
    assert found.moved[0].startswith("range: 60 rows above ")
    assert verdict(numbers(inside), numbers(np.append(inside[:999], 9e9))).verdict == "stable"


def test_missing_values_are_judged_by_themselves() -> None:
    before, after = (
        numbers(np.where(chance(seed).random(1_000) < share, np.nan, 1.5)) for seed, share in ((1, 0.02), (2, 0.2))
    )
    found = verdict(before, after)
    assert (found.verdict, found.change) == ("drift", "missing")
    assert found.moved[0].startswith("missing: ")
    nothing, something = numbers(pa.nulls(50)), numbers(chance().normal(size=50))
    assert verdict(nothing, nothing).verdict == "stable"
    assert verdict(nothing, something).verdict == "drift"
    assert verdict(something, nothing).verdict == "drift"


def test_a_constant_and_equal_rows_are_stable() -> None:
    rows = numbers(chance().normal(size=700))
    assert verdict(numbers([3.0] * 500), numbers([3.0] * 40)).verdict == "stable"
    assert (verdict(rows, rows).psi, verdict(rows, rows).p_value) == (0, 1)


@pytest.mark.parametrize(("shift", "expected"), [(0.0, "stable"), (0.2, "stable"), (0.45, "warning"), (1.0, "drift")])
def test_a_trifle_is_stable_however_many_rows_there_are(shift: float, expected: str) -> None:
    found = verdict(numbers(chance(1).normal(size=100_000)), numbers(chance(2).normal(shift, size=100_000)))
    assert (found.verdict, found.significant) == (expected, shift > 0)
    assert (found.statistic > 100, found.degrees) == (shift > 0, 9)


def test_a_larger_change_is_never_a_better_verdict() -> None:
    order = ["stable", "warning", "drift"]
    before = numbers(above_zero(600, 0.08))
    found = [order.index(verdict(before, numbers(above_zero(200, share))).verdict) for share in (0.08, 0.2, 0.4, 0.8)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 2)


def test_p_values_are_corrected_for_the_number_of_features() -> None:
    before, after = numbers(chance(1).normal(size=300)), numbers(chance(2).normal(0.45, size=60))
    alone = verdict(before, after)
    same = compare(before, before)
    among_many = verdict(before, after, *[same] * 400)
    assert alone.significant
    assert among_many.p_value > alone.p_value * 100
    assert not among_many.significant


def test_false_alarms_of_whole_runs_are_rare() -> None:
    alarms = 0
    for run in range(60):
        draws = chance(run)
        pairs = [(draws.normal(size=300), draws.normal(size=100)), (draws.poisson(0.1, 300), draws.poisson(0.1, 100))]
        found = {f"{place}": compare(numbers(before), numbers(after)) for place, (before, after) in enumerate(pairs)}
        alarms += any(each.verdict != "stable" for each in judge(LIMITS, found))
    assert alarms <= 2


@pytest.mark.parametrize("size", [97, 5_000])
def test_the_verdict_does_not_depend_on_batches_or_order(size: int) -> None:
    rows, others = chance(1).lognormal(size=30_000), chance(2).lognormal(0.3, size=5_000)
    expected = compare(numbers(rows, 30_000), numbers(others, 5_000))
    again = compare(numbers(chance(9).permutation(rows), size * 10), numbers(chance(9).permutation(others), size))
    assert again == expected


def test_numbers_are_not_compared_with_categories() -> None:
    with pytest.raises(ValueError, match="one type of column, found number and category"):
        compare(numbers([1.0]), categories(["1"]))


def test_a_profile_of_version_1_loads_and_what_it_lacks_is_not_judged() -> None:
    number = {
        "type": "number", "count": 500, "missing": 5, "distinct": 400,
        "distribution": {
            "minimum": 0.0, "maximum": 1.0, "mean": 0.5, "stddev": 0.3,
            "points": [0.0, 1.0], "below": [0.0, 0.5], "up_to": [0.5, 1.0],
        },
    }  # fmt: skip
    few = {"type": "category", "count": 500, "missing": 0, "distinct": 2, "frequent": {"a": 250, "b": 250}}
    many = {**few, "distinct": 900, "frequent": {"a": 250, "b": 100}}
    old = Profile.model_validate({"schema_version": 1, "rows": 500, "columns": {"n": number, "few": few, "many": many}})
    scored: dict[str, ColumnProfile] = {
        "n": numbers(np.append(np.full(200, np.nan), chance().random(300))),
        "few": categories(["a"] * 500),
    }
    new = Profile(rows=500, columns={**scored, "many": CategoryProfile.model_validate(few)})
    found = {each.feature: each for each in feature_drifts(LIMITS, old, new)}
    assert {name: each.verdict for name, each in found.items()} == {"n": "drift", "few": "drift", "many": "not judged"}
    assert found["n"].moved == ("missing: from 1.0% to 40.0% of the rows",)
    assert "distribution and range: the reference profile is of version 1" in found["n"].not_judged[0]
    assert "reference profile is of version 1" in found["many"].not_judged[0]
