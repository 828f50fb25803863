"""Compares compiled models with their pipelines on generated rows: `python -m tests.fuzz compiled [--rows 1000000]`.

Every row takes the general path, the row path where its cells are plain, and the pipeline.
"""

import argparse
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tabular.series import series_of
from tests.scripts.compiled.models import ALGORITHMS, Compiled, checked, compiled, json_rows

BATCH = 5000
ODD = 0.02
"""The share of cells that are no plain cells of their column."""


def main(arguments: Sequence[str]) -> int:
    """Compare so many rows by each algorithm in turn. Returns 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    warnings.simplefilter("ignore", RuntimeWarning)
    largest, plain, scored = dict.fromkeys(ALGORITHMS, 0.0), 0, 0
    for number, name in enumerate(ALGORITHMS):
        with compiled(name) as both:
            for batch in range(-(-chosen.rows // len(ALGORITHMS) // BATCH)):
                seed = chosen.seed + batch * len(ALGORITHMS) + number
                found, by_rows, difference = compare(both, seed)
                scored, plain, largest[name] = scored + found, plain + by_rows, max(largest[name], difference)
    print(f"{scored:,} rows of {largest}; {plain:,} by the row path")  # noqa: T201
    return int(max(largest.values()) > 1e-9)


def compare(both: Compiled, seed: int) -> tuple[int, int, float]:
    """Return the number of rows that fit, of those by the row path, and the largest relative difference of outputs.

    Raises AssertionError when an encoded row differs.
    """
    rows = json_rows(BATCH, seed, odd=ODD)
    found = checked(rows, both.model.contract)
    fits = np.flatnonzero(~found.bad_rows)
    values = found.take(~found.bad_rows).values
    encoded = both.model.encode(values, len(fits))
    frame = pd.DataFrame({name: series_of(column, pd.RangeIndex(len(fits))) for name, column in values.items()})
    with np.errstate(over="ignore"):
        expected = both.plain.features(frame).astype(encoded.dtype)
    if not np.array_equal(encoded, expected):
        raise AssertionError(f"seed {seed}: {rows[fits[np.flatnonzero((encoded != expected).any(axis=1))[0]]]}")
    by_rows = _compare_row_path(both, [rows[place] for place in fits], encoded)
    finite = both.model.finite(encoded)
    outputs = both.plain.predict(expected[finite]), both.model.predict(encoded[finite])
    return len(fits), by_rows, float(np.max(np.abs(outputs[0] - outputs[1]) / np.maximum(np.abs(outputs[0]), 1)))


def _compare_row_path(both: Compiled, rows: list[dict[str, object]], encoded: np.ndarray) -> int:
    encode, taken = both.model.row_encoder, 0
    for row, expected in zip(rows, encoded, strict=True):
        if (found := encode([row])) is not None:
            taken += 1
            if not np.array_equal(found[0], expected):
                raise AssertionError(f"row path: {row}")
    return taken
