"""Encodes typed Arrow columns: writes each step into one matrix."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.columns import Column
from tabular.compiled.engineered_encoding import write_bins, write_crossed, write_table
from tabular.compiled.engineered_steps import Binned, Crossed
from tabular.compiled.steps import Number, OneHot, Step, Words, width

TextEncoder = Callable[[list[str]], np.ndarray]
"""Encodes n texts as (n, components) floats."""


class Encoder:
    """Encodes columns with the steps of a model."""

    def __init__(self, steps: Sequence[Step], dtype: str, texts: Mapping[str, TextEncoder]) -> None:
        """`texts` has the encoder of each column of texts."""
        self._steps, self._dtype, self._texts, self._width = steps, dtype, texts, width(steps)

    def encode(self, values: Mapping[str, Any], count: int) -> np.ndarray:
        """Return the (count, encoded) matrix of (count,) Arrow columns, in which null and NaN are missing values."""
        matrix = np.zeros((count, self._width), self._dtype)
        with np.errstate(over="ignore"):
            for step in self._steps:
                self._write(step, values, matrix)
        return matrix

    def _write(self, step: Step, values: Mapping[str, Any], matrix: np.ndarray) -> None:
        if isinstance(step, Number):
            _write_number(step, values[step.column], matrix)
        elif isinstance(step, OneHot):
            _write_one_hot(step, _dictionary(values[step.column]), matrix)
        elif isinstance(step, Words):
            texts = ["" if text is None else text for text in values[step.column].to_pylist()]
            matrix[:, step.place : step.place + step.width] = self._texts[step.column](texts)
        elif isinstance(step, Binned):
            write_bins(step, *_floats(values[step.column]), matrix)
        else:
            write = write_crossed if isinstance(step, Crossed) else write_table
            write(step, [_dictionary(values[name]) for name in step.columns], matrix)  # type: ignore[arg-type]


def _write_number(step: Number, column: pa.Array, matrix: np.ndarray) -> None:
    numbers, missing = _floats(column) if step.categories is None else _ranks(step.categories, _dictionary(column))
    if missing is not None:
        numbers = np.where(missing, step.fill, numbers)
    matrix[:, step.place] = (numbers - step.scale.mean) / step.scale.scale
    if step.indicator is not None:
        matrix[:, step.indicator] = step.present if missing is None else np.where(missing, step.absent, step.present)


def floats_of(values: pa.Array, column: Column) -> np.ndarray:
    """Return the (n,) values of a number, or the ranks of an ordered category, as 64-bit floats; NaN for missing."""
    return (_ranks(column.categories or (), _dictionary(values)) if column.ordered else _floats(values))[0]


def _floats(column: pa.Array) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the (n,) numbers as 64-bit floats, and the mask of missing ones; None where none is missing."""
    if column.null_count:
        column = column.cast(pa.float64(), safe=False).fill_null(np.nan)
    numbers = column.to_numpy(zero_copy_only=False)
    if numbers.dtype.kind != "f":
        return numbers.astype("float64"), None
    missing = np.isnan(numbers)
    return numbers, missing if missing.any() else None


def _ranks(categories: Sequence[str], column: pa.DictionaryArray) -> tuple[np.ndarray, np.ndarray | None]:
    ranks = {text: float(rank) for rank, text in enumerate(categories)}
    numbers = _looked_up(column, [ranks.get(text, np.nan) for text in column.dictionary.to_pylist()], np.nan)
    missing = np.isnan(numbers)
    return numbers, missing if missing.any() else None


def _write_one_hot(step: OneHot, column: pa.DictionaryArray, matrix: np.ndarray) -> None:
    offsets = [step.offset(text) for text in column.dictionary.to_pylist()]
    missing = -1 if step.missing is None else step.missing
    places = _looked_up(column, [-1 if offset is None else offset for offset in offsets], missing)
    rows = np.arange(len(places)) * matrix.shape[1] + step.place
    if None in offsets or (missing < 0 and column.null_count):
        rows, places = rows[places >= 0], places[places >= 0]
    matrix.reshape(-1)[rows + places] = 1


def _dictionary(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _looked_up(column: pa.DictionaryArray, values: list[Any], missing: Any) -> np.ndarray:
    """Return the (n,) value of each row's category. `values` has that of each text in the column's dictionary."""
    table = np.array([*values, missing])
    indices = column.indices
    if indices.null_count:
        indices = pc.fill_null(indices, pa.scalar(len(values), indices.type))
    return np.asarray(table[indices.to_numpy(zero_copy_only=False)])
