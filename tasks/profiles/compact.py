"""The compact form of a profile, for many stored profiles: an Arrow IPC stream of one record batch, a row per column.

tasks/README.md documents the fields. Histograms have fewer bins than those of a Profile; all other figures are equal.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from tasks.profiles import prefix_bins
from tasks.profiles.category_merging import merged_categories
from tasks.profiles.compact_reader import COUNTS, MOMENTS, CompactProfiles, described
from tasks.profiles.number_merging import merged_numbers
from tasks.profiles.prefix_bins import Size
from tasks.profiles.stored_profiles import CategoryProfile, ColumnProfile, Profile

SIZE = Size(bins=256, light=1 / 128, prefixes=128)
"""The bins of a compact histogram."""


def to_bytes(profile: Profile, size: Size = SIZE) -> bytes:
    """Return the compact form of a profile: equal profiles have equal bytes."""
    rows = [_row(name, column, size) for name, column in profile.columns.items()]
    batch = pa.RecordBatch.from_pylist(rows, described(profile.rows))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _row(name: str, column: ColumnProfile, size: Size) -> dict[str, Any]:
    row = {"name": name, "type": column.type, **{figure: getattr(column, figure) for figure in COUNTS}}
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
    row |= {moment: getattr(column.distribution, moment) for moment in MOMENTS}
    if column.distribution.histogram is None:
        return row
    bins = prefix_bins.thinned(prefix_bins.bins_of(column.distribution.histogram), size)
    return row | {"low": bins.numbers()[0], "bits": bins.level, "bin_rows": bins.rows}


def from_bytes(content: bytes) -> Profile:
    """Return the profile of a compact form.

    Raises ValueError when the bytes are not a compact profile, are cut off, or have a later version.
    """
    return merged([content])


def merged(contents: Sequence[bytes]) -> Profile:
    """Return the profile of all rows of some compact profiles, as `merging.merged` of their profiles.

    Raises ValueError without a profile, when the profiles have other columns, and as `from_bytes`.
    """
    parts = CompactProfiles(contents)
    columns: dict[str, ColumnProfile] = {}
    for place, (name, kind) in enumerate(parts.types.items()):
        if kind == "category":
            columns[name] = merged_categories(parts.of_categories(place))
        else:
            columns[name] = merged_numbers(kind, parts.of_numbers(place))
    return Profile(rows=parts.rows, columns=columns)
