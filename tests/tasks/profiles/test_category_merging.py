"""Profiles of a categorical column, merged from their documents."""

from tasks.profiles.category_counts import LIMIT, bucket_rows, by_frequency, hash_of
from tasks.profiles.category_merging import FREQUENT, merged_categories
from tasks.profiles.stored_profiles import CategoryProfile


def complete(missing: int = 0, **rows: int) -> CategoryProfile:
    """The profile of a column with these rows of each value."""
    count = sum(rows.values()) + missing
    return CategoryProfile(count=count, missing=missing, distinct=len(rows), frequent=by_frequency(rows))


def sampled(**rows: int) -> CategoryProfile:
    """The profile of a column with a sample of these values."""
    smallest = sorted(rows, key=hash_of)[:LIMIT]
    return CategoryProfile(
        count=sum(rows.values()), missing=0, distinct=len(rows), complete=False,
        frequent=dict(list(by_frequency(rows).items())[:FREQUENT]),
        sample=by_frequency({name: rows[name] for name in smallest}), buckets=tuple(bucket_rows(rows).tolist()),
    )  # fmt: skip


def test_rows_of_each_value_are_added() -> None:
    found = merged_categories([complete(red=2, green=1, missing=3), complete(green=4), complete()])
    assert found == complete(red=2, green=5, missing=3)
    assert list(found.frequent) == ["green", "red"]


def test_values_beyond_the_limit_are_sampled_by_their_hash() -> None:
    one, other = ({f"{part}{number}": 1 for number in range(1_200)} for part in "ab")
    found = merged_categories([complete(**one), complete(**other, a0=6)])
    every = {**one, **other, "a0": 7}
    expected = sampled(**every)
    assert (found.complete, found.count) == (False, len(every) + 6)
    assert (found.sample, found.buckets) == (expected.sample, expected.buckets)
    assert (len(found.frequent), next(iter(found.frequent.items()))) == (FREQUENT, ("a0", 7))
    assert abs(found.distinct - len(every)) < 0.1 * len(every)


def test_a_sample_and_a_complete_profile_have_a_common_sample() -> None:
    many = {f"v{number}": 2 for number in range(LIMIT + 300)}
    found = merged_categories([sampled(**many), complete(v1=5, new=1)])
    expected = sampled(**{**many, "v1": 7, "new": 1})
    assert (found.sample, found.buckets, found.count) == (expected.sample, expected.buckets, expected.count)


def test_an_estimate_without_a_sample_stays_an_estimate() -> None:
    old = CategoryProfile(count=90, missing=1, distinct=70, frequent={"red": 20}, complete=False)
    found = merged_categories([old, complete(red=1, green=2)])
    assert (found.count, found.missing, found.distinct) == (93, 1, 70)
    assert (found.complete, found.frequent, found.sample, found.buckets) == (False, {"red": 21, "green": 2}, {}, ())
