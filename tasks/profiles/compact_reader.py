"""Reads a compact profile column by column: a year has 8,760 of them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tasks.profiles import prefix_bins
from tasks.profiles.category_counts import by_frequency
from tasks.profiles.merging import check_columns
from tasks.profiles.number_merging import NumberParts
from tasks.profiles.prefix_bins import PrefixBins
from tasks.profiles.stored_profiles import CategoryProfile

VERSION = 1
FORMAT, FORMAT_VERSION, ROWS = b"vishwaops.profile", b"version", b"rows"
COUNTS, MOMENTS = ("count", "missing", "distinct"), ("minimum", "maximum", "mean", "stddev")
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("type", pa.string()),
        *((name, pa.int64()) for name in COUNTS),
        *((name, pa.float64()) for name in MOMENTS),
        ("low", pa.list_(pa.float64())),
        ("bits", pa.list_(pa.uint8())),
        ("bin_rows", pa.list_(pa.int64())),
        ("complete", pa.bool_()),
        ("frequent", pa.list_(pa.string())),
        ("frequent_rows", pa.list_(pa.int64())),
        ("sample", pa.list_(pa.string())),
        ("sample_rows", pa.list_(pa.int64())),
        ("buckets", pa.list_(pa.int64())),
    ]
)


def described(rows: int) -> pa.Schema:
    """Return the schema of a profile of n rows, with its version."""
    return SCHEMA.with_metadata({FORMAT: b"", FORMAT_VERSION: str(VERSION).encode(), ROWS: str(rows).encode()})


class _Values(NamedTuple):
    """The values of all categorical columns, each a code of a name."""

    offsets: list[int]
    names: list[str]
    codes: np.ndarray
    rows: np.ndarray


class CompactProfiles:
    """Compact profiles of the same columns, as one record batch: the rows of a column are side by side.

    Raises ValueError without a profile, when the profiles have other columns, and when bytes are not a compact profile,
    are cut off, or have a later version.
    """

    def __init__(self, contents: Sequence[bytes]) -> None:
        batches, rows = zip(*map(_read, contents), strict=True) if contents else ((), ())
        types = [
            dict(zip(*(batch.column(name).to_pylist() for name in ("name", "type")), strict=True)) for batch in batches
        ]
        check_columns(types)
        self.types: dict[str, Any] = types[0]
        self.rows = sum(rows)
        self._parts = len(batches)
        self._batch = _by_column(batches, types)

    def of_numbers(self, place: int) -> NumberParts:
        """Return the figures of a column of numbers."""
        figures = (figure[self._of(place)] for figure in self._figures)
        return NumberParts(self._has_bins[self._of(place)], self._bins_of(place), *figures)

    def of_categories(self, place: int) -> list[CategoryProfile]:
        """Return the profiles of a column of categories: one of the sums, if each profile has every value."""
        rows = range(place * self._parts, (place + 1) * self._parts)
        if all(self._complete[rows.start : rows.stop]):
            return [self._sum(rows)]
        return [self._category(row) for row in rows]

    def _sum(self, rows: range) -> CategoryProfile:
        offsets, names, codes, counts = self._frequent
        own = slice(offsets[rows.start], offsets[rows.stop])
        found, places = np.unique(codes[own], return_inverse=True)
        sums = np.zeros(len(found), np.int64)
        np.add.at(sums, places, counts[own])
        frequent = by_frequency({names[code]: rows for code, rows in zip(found.tolist(), sums.tolist(), strict=True)})
        count, missing = (int(figure[rows.start : rows.stop].sum()) for figure in self._figures[:2])
        return CategoryProfile(count=count, missing=missing, distinct=len(found), frequent=frequent)

    def _of(self, place: int) -> slice:
        return slice(place * self._parts, (place + 1) * self._parts)

    def _bins_of(self, place: int) -> PrefixBins:
        start, end = (self._offsets[row] for row in (place * self._parts, (place + 1) * self._parts))
        every = self._bins
        return PrefixBins(every.low[start:end], every.level[start:end], every.rows[start:end])

    @cached_property
    def _figures(self) -> list[np.ndarray]:
        return [self._batch.column(name).to_numpy(zero_copy_only=False) for name in (*COUNTS, *MOMENTS)]

    @cached_property
    def _has_bins(self) -> np.ndarray:
        return np.asarray(self._batch.column("low").is_valid().to_numpy(zero_copy_only=False))

    @cached_property
    def _offsets(self) -> list[int]:
        return list(self._batch.column("low").offsets.to_pylist())

    @cached_property
    def _bins(self) -> PrefixBins:
        low, level, rows = (self._batch.column(name).values.to_numpy() for name in ("low", "bits", "bin_rows"))
        return prefix_bins.of_levels(low, level, rows)

    def _category(self, row: int) -> CategoryProfile:
        def counts(name: str) -> dict[str, int]:
            return dict(zip(*(self._batch.column(each)[row].as_py() for each in (name, f"{name}_rows")), strict=True))

        count, missing, distinct = (int(figure[row]) for figure in self._figures[:3])
        return CategoryProfile.model_construct(
            type="category", count=count, missing=missing, distinct=distinct, complete=self._complete[row],
            frequent=counts("frequent"), sample=counts("sample"),
            buckets=tuple(self._batch.column("buckets")[row].as_py()),
        )  # fmt: skip

    @cached_property
    def _complete(self) -> list[bool]:
        return list(self._batch.column("complete").to_pylist())

    @cached_property
    def _frequent(self) -> _Values:
        column = self._batch.column("frequent")
        values = column.values.dictionary_encode()
        rows = self._batch.column("frequent_rows").values.to_numpy()
        return _Values(column.offsets.to_pylist(), values.dictionary.to_pylist(), values.indices.to_numpy(), rows)


def _types(batch: pa.RecordBatch) -> dict[str, Any]:
    return dict(zip(batch.column("name").to_pylist(), batch.column("type").to_pylist(), strict=True))


def _by_column(batches: Sequence[pa.RecordBatch], types: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Return a row for each column and profile: first all profiles of the first column."""
    if len(batches) == 1:
        return batches[0]
    orders = [{name: place for place, name in enumerate(each)} for each in types]
    places = [[order[name] for name in types[0]] for order in orders]
    rows = (np.array(places).T + np.arange(len(types)) * len(types[0])).ravel()
    return pa.concat_batches([batch.replace_schema_metadata() for batch in batches]).take(pa.array(rows))


def _read(content: bytes) -> tuple[pa.RecordBatch, int]:
    try:
        with pa.ipc.open_stream(content) as reader:
            about = reader.schema.metadata or {}
            if FORMAT in about and about.get(FORMAT_VERSION) != str(VERSION).encode():
                found = about.get(FORMAT_VERSION, b"none").decode(errors="replace")
                raise ValueError(f"expected a compact profile of version {VERSION}, found version {found}")
            if FORMAT not in about or not reader.schema.equals(SCHEMA):
                raise ValueError("expected a compact profile, found an Arrow stream of another schema")
            batch = reader.read_next_batch()
            batch.validate(full=True)
            return batch, int(about[ROWS])
    except (pa.ArrowException, StopIteration, OSError, KeyError) as error:
        raise ValueError(
            f"expected a compact profile, found {len(content):,} bytes that are not one: {error}"
        ) from None
