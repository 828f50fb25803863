"""statistics.json of the data quality monitor as a reference profile ("Schema for Statistics", Developer Guide).

A KLL sketch stores values in levels: each value of level i has the weight 2^i. A sketch of one level has every row. The
ten buckets are used only without a sketch.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from config.errors import SourceError
from config.use_case import UseCase
from tabular.columns import ColumnType
from tasks.baselines.documents import Document, is_data_quality
from tasks.profiled_columns import profiled_answers, profiled_features
from tasks.profiles.category_counts import name_of
from tasks.profiles.stored_profiles import CategoryProfile, Distribution, Histogram, NumberProfile, Profile


@dataclass(frozen=True)
class Imported:
    """A reference profile, and what of the statistics is not exact or not in it."""

    profile: Profile
    notes: list[str] = field(default_factory=list)


class NotImported(Exception):
    """Why a feature's statistics give no profile."""


def profile_of(use_case: UseCase, location: str, document: Document) -> Imported:
    """Return the statistics of the use case's features, and of its columns of answers, as a profile.

    Sensitive columns are left out. Raises SourceError when the document has no statistics of features, or of none that
    the use case has.
    """
    if not is_data_quality(document):
        raise SourceError(f"{location}: expected statistics.json of the data quality monitor, with the key features")
    wanted = {**profiled_features(use_case), **profiled_answers(use_case)}
    known = {str(feature.get("name")): feature for feature in document["features"]}
    columns: dict[str, NumberProfile | CategoryProfile] = {}
    notes: list[str] = []
    for name, kind in wanted.items():
        try:
            columns[name] = _column(name, kind, known[_header(use_case, name, known)], notes)
        except NotImported as reason:
            notes.append(f"{name}: not in the profile: {reason}")
        except KeyError:
            notes.append(f"{name}: not in the profile: the statistics do not have it")
        except (TypeError, ValueError) as error:
            notes.append(f"{name}: not in the profile: its statistics do not fit the schema of AWS: {error}")
    if not columns:
        raise SourceError(f"{location}: expected statistics of features of {use_case.name}, found: {'; '.join(notes)}")
    notes += _left_out(use_case, known, columns)
    rows = max(column.count for column in columns.values())
    return Imported(Profile(rows=int(document.get("dataset", {}).get("item_count", rows)), columns=columns), notes)


def _header(use_case: UseCase, name: str, known: Mapping[str, Any]) -> str:
    column = use_case.columns.get(name)
    return column.header if column and column.header and column.header in known else name


def _left_out(use_case: UseCase, known: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[str]:
    headers = {_header(use_case, name, known) for name in columns}
    for name in sorted(known.keys() - headers):
        column = use_case.columns.get(name)
        why = "it is sensitive" if column and column.sensitive else "it is no feature, nor an answer, of the use case"
        if name not in columns:
            yield f"{name}: not in the profile: {why}"


def _column(
    name: str, kind: ColumnType, feature: Mapping[str, Any], notes: list[str]
) -> NumberProfile | CategoryProfile:
    if kind == "category":
        return _category(name, feature, notes)
    if kind == "integer" or kind == "number":
        return _number(name, kind, feature, notes)
    raise NotImported(f"a {kind} is profiled by its lengths, which the statistics do not have")


def _number(
    name: str, kind: Literal["integer", "number"], feature: Mapping[str, Any], notes: list[str]
) -> NumberProfile:
    found = feature.get("numerical_statistics")
    if found is None:
        raise NotImported(f"expected numerical_statistics, found a {feature.get('inferred_type')} feature")
    present, missing = _counts(found)
    if not present:
        return NumberProfile(type=kind, count=missing, missing=missing, distinct=0, distribution=None)
    values, rows, exact = _values(found, present)
    if not exact:
        notes.append(f"{name}: its distribution is estimated by the KLL sketch of the statistics")
    histogram = _points(values, rows) if values is not None else _buckets(found)
    if values is None:
        notes.append(f"{name}: the statistics have no KLL sketch, so its distribution has their buckets only")
    return NumberProfile(
        type=kind,
        count=present + missing,
        missing=missing,
        distinct=len(histogram.rows),
        distribution=Distribution(
            minimum=float(found["min"]),
            maximum=float(found["max"]),
            mean=float(found["mean"]),
            stddev=float(found["std_dev"]),
            histogram=histogram,
        ),
    )


def _counts(statistics: Mapping[str, Any]) -> tuple[int, int]:
    return int(statistics["common"]["num_present"]), int(statistics["common"]["num_missing"])


def _values(statistics: Mapping[str, Any], present: int) -> tuple[np.ndarray | None, np.ndarray, bool]:
    """Return the values of the sketch, the rows of each, and whether it has every row; None where there is none."""
    levels = ((statistics.get("distribution") or {}).get("kll") or {}).get("sketch", {}).get("data") or []
    values = np.array([value for level in levels for value in level], float)
    rows = np.array([1 << height for height, level in enumerate(levels) for _ in level], np.int64)
    if not len(values) or not np.isfinite(values).all() or rows.sum() != present:
        return None, rows, True
    return values, rows, len(levels) == 1 or not any(levels[1:])


def _points(values: np.ndarray, rows: np.ndarray) -> Histogram:
    """Each value is a bin of its own."""
    distinct, places = np.unique(values + 0.0, return_inverse=True)
    counts = np.bincount(places, rows).astype(np.int64).tolist()
    return Histogram(low=tuple(distinct.tolist()), high=tuple(distinct.tolist()), rows=tuple(counts))


def _buckets(statistics: Mapping[str, Any]) -> Histogram:
    """The buckets with rows. The last one includes its upper bound."""
    buckets: Sequence[Mapping[str, Any]] = statistics["distribution"]["kll"]["buckets"]
    low = [float(each["lower_bound"]) for each in buckets]
    high = [float(np.nextafter(float(each["upper_bound"]), -np.inf)) for each in buckets[:-1]]
    high.append(float(buckets[-1]["upper_bound"]))
    kept = [place for place, each in enumerate(buckets) if each["count"] and low[place] <= high[place]]
    return Histogram(
        low=tuple(low[place] for place in kept),
        high=tuple(high[place] for place in kept),
        rows=tuple(round(float(buckets[place]["count"])) for place in kept),
    )


def _category(name: str, feature: Mapping[str, Any], notes: list[str]) -> CategoryProfile:
    if (found := feature.get("string_statistics")) is not None:
        buckets = ((found.get("distribution") or {}).get("categorical") or {}).get("buckets") or []
        counts = Counter({name_of(str(each["value"])): round(float(each["count"])) for each in buckets})
        distinct = round(float(found["distinct_count"]))
    else:
        found = feature.get("numerical_statistics") or {}
        counts = _numbers_as_texts(found)
        distinct = len(counts)
    present, missing = _counts(found)
    complete = sum(counts.values()) == present
    if not complete:
        listed = f"{sum(counts.values()):,} of {present:,} rows"
        notes.append(f"{name}: its distribution is not judged: the statistics list the categories of {listed}")
    frequent = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return CategoryProfile(
        count=present + missing, missing=missing, distinct=max(distinct, len(counts)), frequent=frequent,
        complete=complete,
    )  # fmt: skip


def _numbers_as_texts(statistics: Mapping[str, Any]) -> Counter[str]:
    """The categories of a feature that Model Monitor took for whole numbers."""
    values, rows, exact = _values(statistics, _counts(statistics)[0])
    if values is None or not exact or (values != np.round(values)).any():
        raise NotImported("a category of numbers needs a KLL sketch with every row, all of them whole numbers")
    counts = Counter[str]()
    for value, count in zip(values.tolist(), rows.tolist(), strict=True):
        counts[str(int(value))] += count
    return counts
