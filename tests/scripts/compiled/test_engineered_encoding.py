"""The steps of engineered features write the same as a plain loop over the rows."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest

from tabular.compiled.engineered_encoding import write_bins, write_crossed, write_table
from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.engineered.keys import key_of

ROWS, WIDTH = 200, 6
AGES = Binned("age", 1, 3, (10.0, 20.0, 30.0), (0, None, 2, 1), missing=1)
PAIRS = {key_of(("red", "Ulm")): 0, key_of((None, "Ulm")): 1, key_of(("blue", None)): 2}
NUMBERS = {key_of(("red", "Ulm")): (0.5, 2.0), key_of((None, None)): (-1.0, 4.0)}


def texts(seed: int, *known: str | None) -> list[str | None]:
    return [known[number] for number in np.random.default_rng(seed).integers(len(known), size=ROWS)]


COLUMNS = (texts(1, "red", "blue", "green", None), texts(2, "Ulm", "Bonn", None))


def written(write: Callable[..., None], *content: object) -> list[list[float]]:
    """Return the matrix of zeros to which a step is written."""
    matrix = np.zeros((ROWS, WIDTH))
    write(*content, matrix)
    rows: list[list[float]] = matrix.tolist()
    return rows


def row_of(place: int | None, values: Sequence[float] = (1.0,)) -> list[float]:
    row = [0.0] * WIDTH
    if place is not None:
        row[place : place + len(values)] = values
    return row


def shifted(place: int, offset: int | None) -> int | None:
    return None if offset is None else place + offset


@pytest.mark.parametrize("some_missing", [True, False])
def test_a_number_has_the_column_of_its_range(some_missing: bool) -> None:
    numbers = np.random.default_rng(3).integers(5, 36, size=ROWS).astype(float)
    missing = np.arange(ROWS) % 7 == 0 if some_missing else None
    expected = []
    for row, number in enumerate(numbers):
        is_missing = missing is not None and missing[row]
        offset = AGES.missing if is_missing else AGES.offsets[sum(number >= edge for edge in AGES.edges)]
        expected.append(row_of(shifted(AGES.place, offset)))
    assert written(write_bins, AGES, numbers, missing) == expected


@pytest.mark.parametrize("other", [None, 3])
def test_a_combination_has_its_column_or_that_of_the_others(other: int | None) -> None:
    step = Crossed(("colour", "town"), 2, 4, PAIRS, other)
    columns = [pa.array(column).dictionary_encode() for column in COLUMNS]
    expected = [row_of(shifted(2, PAIRS.get(key_of(row), other))) for row in zip(*COLUMNS, strict=True)]
    assert written(write_crossed, step, columns) == expected


def test_a_combination_has_the_numbers_of_its_table_or_those_of_an_unseen_one() -> None:
    step = Table(("colour", "town"), 3, NUMBERS, unseen=(0.25, -7.0))
    columns = [pa.array(column).dictionary_encode() for column in COLUMNS]
    expected = [row_of(3, NUMBERS.get(key_of(row), step.unseen)) for row in zip(*COLUMNS, strict=True)]
    assert written(write_table, step, columns) == expected
