import numpy as np

from tasks.profiles.category_counts import BUCKETS, LIMIT, LONGEST, CategoryCounter, hash_of


def counted(values: list[str], batches: int = 1) -> CategoryCounter:
    counter = CategoryCounter()
    for part in np.array_split(np.array(values, dtype=object), batches):
        names, rows = np.unique(part, return_counts=True)
        counter.add(zip(names.tolist(), rows.tolist(), strict=True))
    return counter


def test_each_value_is_counted_when_there_are_few() -> None:
    counter = counted(["b", "a", "b", "c"], 2)
    assert list(counter.counts().items()) == [("b", 2), ("a", 1), ("c", 1)]
    assert counter.complete


def test_of_many_values_a_sample_by_hash_is_counted_exactly_in_any_order() -> None:
    values = [f"value {number % 9_000}" for number in range(30_000)]
    one, other = counted(values), counted(values[::-1], 7)
    counts = one.counts()
    assert not one.complete
    assert len(counts) == LIMIT
    assert counts == other.counts()
    assert all(rows == values.count(name) for name, rows in list(counts.items())[:20])
    assert set(counts) == set(sorted(set(values), key=hash_of)[:LIMIT])
    assert one.buckets() == other.buckets()
    assert (len(one.buckets()), sum(one.buckets())) == (BUCKETS, 30_000)


def test_long_values_differ_by_their_ends() -> None:
    counts = counted(["x" * LONGEST + end for end in "ab"]).counts()
    assert list(counts.values()) == [1, 1]
    assert all(len(name) <= LONGEST for name in counts)
