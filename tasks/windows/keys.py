"""Numbers the keys of rows, so that equal keys have equal numbers."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.windows.aggregates import Integers

Column: TypeAlias = pa.Array | pa.ChunkedArray


def numbered(known: Sequence[Column], asked: Sequence[Column] = ()) -> tuple[Integers, Integers]:
    """Return the (m,) numbers of known keys from 0, and the (n,) numbers of asked ones, -1 for those that are unknown.

    Both have one column or more, in the same order. The asked ones are cast to the types of the known ones; without
    them n is 0.
    """
    asked = asked or [column.slice(0, 0) for column in known]
    pairs = [_numbered(each, plain(other)) for each, other in zip(known, asked, strict=True)]
    found = pairs[0]
    for further in pairs[1:]:
        found = _joined(found, further)
    return found


def plain(column: Column) -> Column:
    """Return a column without a dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _numbered(known: Column, asked: Column) -> tuple[Integers, Integers]:
    if pa.types.is_dictionary(known.type):
        whole = known.combine_chunks() if isinstance(known, pa.ChunkedArray) else known
        distinct = whole.dictionary
        return _filled(whole.indices), _places(asked.cast(distinct.type), distinct)
    distinct = pc.drop_null(pc.unique(known))
    return _places(known, distinct), _places(asked.cast(known.type), distinct)


def _places(column: Column, distinct: pa.Array) -> Integers:
    return _filled(pc.index_in(column, value_set=distinct, skip_nulls=True))


def _filled(numbers: Column) -> Integers:
    return pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


def _joined(one: tuple[Integers, Integers], other: tuple[Integers, Integers]) -> tuple[Integers, Integers]:
    """Return the numbers of the pairs. They are numbered again, so that they stay below the number of rows."""
    size = int(other[0].max(initial=0)) + 1
    known, asked = (each * size + further for each, further in zip(one, other, strict=True))
    distinct, numbers = np.unique(known, return_inverse=True)
    places = np.searchsorted(distinct, asked).clip(max=max(len(distinct) - 1, 0))
    there = (one[1] >= 0) & (other[1] >= 0)
    if len(distinct):
        there &= distinct[places] == asked
    return numbers.astype(np.int64), np.where(there & (len(distinct) > 0), places, -1)
