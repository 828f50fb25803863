"""Merges the profiles of a categorical column."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import numpy as np

from tasks.profiles.category_counts import BUCKETS, LIMIT, bucket_rows, by_frequency, hash_of
from tasks.profiles.stored_profiles import CategoryProfile

FREQUENT = 128
"""The most values whose rows are estimated: as many as the sketch has."""


def merged_categories(columns: Sequence[CategoryProfile]) -> CategoryProfile:
    """Return the profile of all rows: of each value, or of the LIMIT values with the smallest hashes."""
    if len(columns) == 1 and len(columns[0].frequent) <= LIMIT:
        return columns[0]
    if all(each.complete for each in columns):
        values = _summed(each.frequent for each in columns)
        if len(values) <= LIMIT:
            return _profile(columns, len(values), frequent=by_frequency(values))
    if any(not each.complete and not each.buckets for each in columns):  # a profile of version 1
        distinct = max(each.distinct for each in columns)
        return _profile(columns, distinct, frequent=_most_frequent(columns), complete=False)
    return _sampled(columns)


def _sampled(columns: Sequence[CategoryProfile]) -> CategoryProfile:
    """Return the profile of many values. A part's sample has each of its values that is in the merged sample."""
    samples = [each.frequent if each.complete else each.sample for each in columns]
    hashes = {name: hash_of(name) for name in set().union(*samples)}
    smallest = dict(heapq.nsmallest(LIMIT, hashes.items(), key=itemgetter(1)))
    values = _summed({name: rows for name, rows in sample.items() if name in smallest} for sample in samples)
    buckets = sum((_buckets(each) for each in columns), np.zeros(BUCKETS, np.int64))
    return _profile(
        columns,
        round((LIMIT - 1) / (max(smallest.values()) / 2**64)),  # the estimator of bottom-k samples
        frequent=_most_frequent(columns),
        complete=False,
        sample=by_frequency(values),
        buckets=tuple(buckets.tolist()),
    )


def _profile(columns: Sequence[CategoryProfile], distinct: int, **figures: object) -> CategoryProfile:
    count, missing = (sum(getattr(each, name) for each in columns) for name in ("count", "missing"))
    return CategoryProfile.model_validate({"count": count, "missing": missing, "distinct": distinct, **figures})


def _buckets(column: CategoryProfile) -> np.ndarray:
    return bucket_rows(column.frequent) if column.complete else np.array(column.buckets, np.int64)


def _most_frequent(columns: Sequence[CategoryProfile]) -> dict[str, int]:
    ordered = by_frequency(_summed(each.frequent for each in columns))
    return dict(list(ordered.items())[:FREQUENT])


def _summed(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total
