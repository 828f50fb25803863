"""Reads a compact profile column by column: a year has 8,760 of them."""

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.profiles import prefix_bins
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


class CompactProfile:
    """A compact profile. Columns are addressed by their places.

    Raises ValueError when the bytes are not a compact profile, are cut off, or have a later version.
    """

    def __init__(self, content: bytes) -> None:
        self._batch, self.rows = _read(content)

    @cached_property
    def types(self) -> dict[str, Any]:
        """The type of each column."""
        return dict(zip(*(self._batch.column(name).to_pylist() for name in ("name", "type")), strict=True))

    def ordered_as(self, other: "CompactProfile") -> "CompactProfile":
        """Return the profile with the columns, which are the same, in the other's order."""
        names = list(self.types)
        if names != list(other.types):
            self._batch = self._batch.take(pa.array([names.index(name) for name in other.types]))
            self.__dict__.pop("types")
        return self

    def figures(self, name: str) -> np.ndarray:
        """Return a figure of each column: (columns,), NaN where there is none."""
        return np.asarray(self._batch.column(name).to_numpy(zero_copy_only=False))

    def bins(self, place: int) -> PrefixBins | None:
        """Return the bins of a column of numbers."""
        if not self._has_bins[place]:
            return None
        start, end = self._bin_offsets[place], self._bin_offsets[place + 1]
        every = self._bins
        return PrefixBins(every.low[start:end], every.level[start:end], every.rows[start:end])

    def category(self, place: int) -> CategoryProfile:
        """Return the profile of a column of categories."""
        frequent, sample = (
            dict(zip(self._items(name, place), self._items(f"{name}_rows", place), strict=True))
            for name in ("frequent", "sample")
        )
        complete, buckets = self._complete[place], tuple(self._items("buckets", place))
        figures = {name: self._counts[name][place] for name in COUNTS}
        return CategoryProfile.model_construct(
            type="category", **figures, frequent=frequent, complete=complete, sample=sample, buckets=buckets
        )

    @cached_property
    def _counts(self) -> dict[str, list[int]]:
        return {name: self._batch.column(name).to_pylist() for name in COUNTS}

    @cached_property
    def _complete(self) -> list[bool]:
        return list(self._batch.column("complete").to_pylist())

    def _items(self, name: str, place: int) -> list[Any]:
        offsets, values = self._lists[name]
        return values[offsets[place] : offsets[place + 1]]

    @cached_property
    def _lists(self) -> dict[str, tuple[list[int], list[Any]]]:
        names = ("frequent", "frequent_rows", "sample", "sample_rows", "buckets")
        columns = {name: self._batch.column(name) for name in names}
        return {name: (each.offsets.to_pylist(), each.values.to_pylist()) for name, each in columns.items()}

    @cached_property
    def _has_bins(self) -> list[bool]:
        return list(self._batch.column("low").is_valid().to_pylist())

    @cached_property
    def _bin_offsets(self) -> list[int]:
        return list(self._batch.column("low").offsets.to_pylist())

    @cached_property
    def _bins(self) -> PrefixBins:
        low, level, rows = (self._batch.column(name).values.to_numpy() for name in ("low", "bits", "bin_rows"))
        return prefix_bins.of_levels(low, level, rows)


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
