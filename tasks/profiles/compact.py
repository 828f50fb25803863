"""The compact form of a profile, for many stored profiles: an Arrow IPC stream of one record batch, a row per column.

tasks/README.md documents the fields. Histograms have fewer bins than those of a Profile; all other figures are equal.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.profiles import merging, prefix_bins
from tasks.profiles.prefix_bins import Size
from tasks.profiles.stored_profiles import CategoryProfile, Distribution, NumberProfile, Profile

VERSION = 1
FORMAT, FORMAT_VERSION, ROWS = b"vishwaops.profile", b"version", b"rows"
SIZE = Size(bins=128, light=1 / 64, prefixes=64)
"""The bins of a compact histogram."""
_FIGURES = (("count", pa.int64()), ("missing", pa.int64()), ("distinct", pa.int64()))
_MOMENTS = ("minimum", "maximum", "mean", "stddev")
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("type", pa.string()),
        *_FIGURES,
        *((name, pa.float64()) for name in _MOMENTS),
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


def to_bytes(profile: Profile, size: Size = SIZE) -> bytes:
    """Return the compact form of a profile: equal profiles have equal bytes."""
    rows = [_row(name, column, size) for name, column in profile.columns.items()]
    about = {FORMAT: b"", FORMAT_VERSION: str(VERSION).encode(), ROWS: str(profile.rows).encode()}
    batch = pa.RecordBatch.from_pylist(rows, SCHEMA.with_metadata(about))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _row(name: str, column: NumberProfile | CategoryProfile, size: Size) -> dict[str, Any]:
    row = {"name": name, "type": column.type, **{figure: getattr(column, figure) for figure, _ in _FIGURES}}
    if isinstance(column, CategoryProfile):
        return row | {
            "complete": column.complete,
            "frequent": list(column.frequent),
            "frequent_rows": list(column.frequent.values()),
            "sample": list(column.sample),
            "sample_rows": list(column.sample.values()),
            "buckets": column.buckets,
        }
    if column.distribution is None:
        return row
    row |= {moment: getattr(column.distribution, moment) for moment in _MOMENTS}
    if column.distribution.histogram is None:
        return row
    bins = prefix_bins.thinned(prefix_bins.bins_of(column.distribution.histogram), size)
    return row | {"low": bins.numbers()[0], "bits": bins.level, "bin_rows": bins.rows}


def from_bytes(content: bytes) -> Profile:
    """Return the profile of a compact form.

    Raises ValueError when the bytes are not a compact profile, are cut off, or have a later version.
    """
    batch, rows = _read(content)
    return Profile(rows=rows, columns={row["name"]: _column(row) for row in batch.to_pylist()})


def merged(contents: Sequence[bytes]) -> Profile:
    """Return the profile of all rows of some compact profiles, as `merging.merged` of their profiles.

    Raises ValueError without a profile, when the profiles have other columns, and as `from_bytes`.
    """
    return merging.merged([from_bytes(content) for content in contents])


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


def _column(row: dict[str, Any]) -> NumberProfile | CategoryProfile:
    figures = {name: row[name] for name, _ in _FIGURES}
    if row["type"] == "category":
        return CategoryProfile(
            **figures,
            frequent=dict(zip(row["frequent"], row["frequent_rows"], strict=True)),
            complete=row["complete"],
            sample=dict(zip(row["sample"], row["sample_rows"], strict=True)),
            buckets=tuple(row["buckets"]),
        )
    return NumberProfile(type=row["type"], **figures, distribution=_distribution(row))


def _distribution(row: dict[str, Any]) -> Distribution | None:
    if row["minimum"] is None:
        return None
    moments = {name: row[name] for name in _MOMENTS}
    if row["low"] is None:
        return Distribution(**moments)
    bins = prefix_bins.of_levels(np.array(row["low"]), np.array(row["bits"], np.uint8), np.array(row["bin_rows"]))
    return Distribution(**moments, histogram=prefix_bins.histogram_of(bins))
