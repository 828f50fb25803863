"""Writes predictions as JSON: {"predictions": [{"prediction": ..., "probabilities": {...}}, ...]}, or as JSON Lines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

import numpy as np

from serving.predictions import Intervals, Predictions, Reasons, Sets, Version
from serving.rejected import described
from serving.writers.float_texts import float_texts
from serving.writers.row_texts import RowTexts, in_order
from tabular.checked import Problem

FEW = 8
"""The most rows for which Python's own formatting is faster than that of columns."""
BEFORE_PROBABILITIES = ', "probabilities": {'


def json_body(found: Predictions) -> bytes:
    """Return an object with one object for each row, and the model if it is wanted."""
    plain = found.rows is None and not found.reasons and not found.version and not found.intervals
    if plain and len(found.output) <= FEW:
        return f'{{"predictions": [{", ".join(_few_texts(found))}]}}'.encode()
    model = _model(found.version)
    return f'{{"predictions": [{_joined(found, ", ", "")}]{model}}}'.encode()


def json_lines_body(found: Predictions) -> bytes:
    """Return one object in a line for each row."""
    model = _model(found.version)
    return _joined(found, "\n", model).encode()


def error_text(problems: Sequence[Problem]) -> str:
    """Return the problems of a row as JSON: {"problems": [{"row": ..., "column": ..., ...}, ...]}."""
    return json.dumps({"problems": [described(problem) for problem in problems]})


def _few_texts(found: Predictions) -> list[str]:
    """Return the text of each row without options: row by row, which is faster for few rows."""
    rows = found.output.tolist()
    if not found.classes:
        return [f'{{"prediction": {value!r}}}' for value in rows]
    names, template = _as_json(found.classes), _template(found.classes)
    return [template % (names[row.index(max(row))], *row) for row in rows]


@lru_cache(maxsize=16)
def _template(classes: tuple[str, ...]) -> str:
    """Return a row's text, with the places of the best class and of the probabilities."""
    names = [name.replace("%", "%%") for name in _as_json(classes)]
    return '{"prediction": %s' + BEFORE_PROBABILITIES + ", ".join(f"{name}: %r" for name in names) + "}}"


def _joined(found: Predictions, separator: str, model: str) -> str:
    texts = _row_texts(found, model) if len(found.output) else None
    if found.rows is None:
        return texts.joined(separator) if texts else ""
    errors = {row: f'{{"error": {error_text(problems)}{model}}}' for row, problems in found.problems.items()}
    return separator.join(in_order(texts.rows() if texts else [], found.rows.tolist(), errors))


def _row_texts(found: Predictions, model: str) -> RowTexts:
    texts = RowTexts()
    texts.add('{"prediction": ')
    if found.classes:
        _add_classes(texts, found)
    else:
        texts.add_each(float_texts(found.output))
    if found.intervals:
        _add_intervals(texts, found.intervals, found.classes)
    if found.reasons:
        _add_reasons(texts, found.reasons)
    texts.add(f"{model}}}")
    return texts


def _add_classes(texts: RowTexts, found: Predictions) -> None:
    names = _as_json(found.classes)
    texts.add_each([names[place] for place in found.best.tolist()])
    values = float_texts(found.output.ravel())
    for number, name in enumerate(names):
        texts.add(f"{', ' if number else BEFORE_PROBABILITIES}{name}: ")
        texts.add_each(values[number :: len(names)])
    texts.add("}")


def _add_intervals(texts: RowTexts, found: Intervals | Sets, classes: tuple[str, ...]) -> None:
    coverage = f'"coverage": {found.coverage!r}}}'
    if isinstance(found, Intervals):
        texts.add(', "interval": {"low": ')
        texts.add_each(float_texts(found.low))
        texts.add(', "high": ')
        texts.add_each(float_texts(found.high))
        texts.add(f", {coverage}")
        return
    texts.add(', "set": {"classes": [')
    texts.add_each(_set_texts(found, _as_json(classes)))
    texts.add(f"], {coverage}")


def _set_texts(found: Sets, names: tuple[str, ...]) -> list[str]:
    """Return the names in each set, separated by commas. Equal sets share a text."""
    distinct, places = np.unique(found.members, axis=0, return_inverse=True)
    texts = [", ".join(name for name, member in zip(names, row, strict=True) if member) for row in distinct.tolist()]
    return [texts[place] for place in places.ravel().tolist()]


def _add_reasons(texts: RowTexts, reasons: Reasons) -> None:
    names = _as_json(reasons.columns)
    values = float_texts(np.asarray(reasons.contributions, dtype="float64").ravel())
    count = reasons.places.shape[1]
    texts.add(', "reasons": [')
    for number in range(count):
        texts.add(f'{", " if number else ""}{{"column": ')
        texts.add_each([names[place] for place in reasons.places[:, number].tolist()])
        texts.add(', "contribution": ')
        texts.add_each(values[number::count])
        texts.add("}")
    texts.add("]")


@lru_cache(maxsize=16)
def _as_json(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(json.dumps, names))


def _model(version: Version | None) -> str:
    return f', "model": {json.dumps(asdict(version))}' if version else ""
