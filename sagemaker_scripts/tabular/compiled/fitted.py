"""Reads the steps of a fitted pipeline of `tabular.pipelines`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled import engineered_fitted
from tabular.compiled.files import write_arrays
from tabular.compiled.one_hot_offsets import offsets
from tabular.compiled.steps import Number, OneHot, Scale, Step, Words, width
from tabular.compiled.unknown import Unknown


def steps_of(transformer: Any, ranked: Mapping[str, Sequence[str]], folder: Path) -> list[Step]:
    """Return the steps of a fitted ColumnTransformer in the order of its output.

    `ranked` has the categories of ordered columns. The weights of texts are written to `folder`. Raises Unknown.
    """
    steps: list[Step] = []
    for name, fitted, columns in transformer.transformers_:
        place = width(steps)
        kind = name.split()[0]
        if kind == "remainder" and fitted == "drop":
            continue
        if kind == "text":
            steps.append(_words(fitted, columns, place, folder))
        elif kind in _READERS:
            steps += _READERS[kind](fitted, list(columns), place, ranked)
        elif kind in engineered_fitted.READERS:
            steps.append(engineered_fitted.READERS[kind](fitted, list(columns), place))
        else:
            raise Unknown(f"transformer {name!r}")
    return steps


def _numbers(fitted: Any, columns: list[str], first: int, ranked: Mapping[str, Sequence[str]]) -> list[Number]:
    imputer, scaler = fitted["simpleimputer"], fitted["standardscaler"]
    if not np.isfinite(imputer.statistics_).all():
        raise Unknown("a number without a value in the training rows")
    scales = [Scale(*pair) for pair in zip(scaler.mean_.tolist(), scaler.scale_.tolist(), strict=True)]
    marked = imputer.indicator_.features_.tolist() if imputer.indicator_ is not None else []
    found = []
    for number, (column, fill) in enumerate(zip(columns, imputer.statistics_.tolist(), strict=True)):
        place = len(columns) + marked.index(number) if number in marked else None
        found.append(
            Number(
                column,
                first + number,
                fill,
                scales[number],
                None if place is None else first + place,
                None if place is None else scales[place],
                tuple(ranked[column]) if column in ranked else None,
            )
        )
    return found


def _ranks(fitted: Any, columns: list[str], first: int, ranked: Mapping[str, Sequence[str]]) -> list[Number]:
    return _numbers(fitted["pipeline"], columns, first, ranked)


def _one_hot(fitted: Any, columns: list[str], first: int, ranked: Mapping[str, Sequence[str]]) -> list[OneHot]:
    encoder, missing, found = fitted["onehotencoder"], fitted["simpleimputer"].fill_value, []
    if encoder.drop is not None:
        raise Unknown("a one-hot encoder that drops categories")
    for number, column in enumerate(columns):
        known, other, count = offsets(encoder, number)
        found.append(OneHot(column, first, count, known, other, known.get(missing, other)))
        first += count
    return found


_READERS: dict[str, Callable[..., Sequence[Step]]] = {"numbers": _numbers, "categories": _one_hot, "ordinals": _ranks}


def _words(fitted: Any, column: str, place: int, folder: Path) -> Words:
    hashing, weights, components = (step for _, step in fitted.steps)
    arrays = {"idf": weights.idf_, "components": components.components_}
    file = write_arrays(folder, "words", arrays)
    return Words(column, place, len(components.components_), file, hashing.n_features, tuple(hashing.ngram_range))
