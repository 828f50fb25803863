"""Profiles that tests are built from."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile

CHANCE = np.random.default_rng(3)


def batches(size: int = 1000, **columns: Any) -> Iterator[pa.RecordBatch]:
    yield from pa.table(columns).to_batches(max_chunksize=size)


def numbers(values: Any, size: int = 1000) -> NumberProfile:
    found = profile(batches(size, x=values), {"x": "number"}).summary().columns["x"]
    assert isinstance(found, NumberProfile)
    return found


def categories(values: Any) -> CategoryProfile:
    found = profile(batches(c=pa.array(values, pa.string())), {"c": "category"}).summary().columns["c"]
    assert isinstance(found, CategoryProfile)
    return found
