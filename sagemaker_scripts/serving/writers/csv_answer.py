"""Writes predictions as CSV without a header, a line for each row.

The columns are the prediction and the probabilities in the order of the contract's classes; with `intervals=true` the
lower and upper end, or for each class 1 or 0, whether it is in the set; with `reasons=N` the N pairs of
a column's name and its contribution; with `version=true` the model's digest and its version; with `on_error=row` the
problems as JSON, empty for a row with a prediction. A row with problems has no other cells.
"""

import csv
import io
from functools import lru_cache

import numpy as np

from serving.predictions import Intervals, Predictions, Reasons, Sets
from serving.writers.float_texts import float_texts
from serving.writers.json_answer import error_text
from serving.writers.row_texts import RowTexts, in_order

NEW_LINE = "\n"


def csv_body(found: Predictions) -> bytes:
    """Return the lines, without an end of the last one."""
    texts = _row_texts(found) if len(found.output) else None
    if found.rows is None:
        return (texts.joined(NEW_LINE) if texts else "").encode()
    empty = "," * _width(found)
    errors = {row: f"{empty}{_cell(error_text(problems))}" for row, problems in found.problems.items()}
    return NEW_LINE.join(in_order(texts.rows() if texts else [], found.rows.tolist(), errors)).encode()


def _width(found: Predictions) -> int:
    """Return the number of cells before the problems."""
    reasons = 2 * found.reasons.places.shape[1] if found.reasons else 0
    intervals = (len(found.classes) or 2) if found.intervals else 0
    return 1 + len(found.classes) + intervals + reasons + (2 if found.version else 0)


def _row_texts(found: Predictions) -> RowTexts:
    texts = RowTexts()
    values = float_texts(found.output.ravel())
    if found.classes:
        names = _cells(found.classes)
        texts.add_each([names[place] for place in found.best.tolist()])
        for number in range(len(names)):
            texts.add(",")
            texts.add_each(values[number :: len(names)])
    else:
        texts.add_each(values)
    if found.intervals:
        _add_intervals(texts, found.intervals)
    if found.reasons:
        _add_reasons(texts, found.reasons)
    if found.version:
        texts.add("," + ",".join(_cells((found.version.digest, found.version.version))))
    if found.row_errors:
        texts.add(",")
    return texts


def _add_intervals(texts: RowTexts, found: Intervals | Sets) -> None:
    if isinstance(found, Sets):
        columns = [np.where(column, "1", "0").tolist() for column in found.members.T]
    else:
        columns = [float_texts(found.low), float_texts(found.high)]
    for column in columns:
        texts.add(",")
        texts.add_each(column)


def _add_reasons(texts: RowTexts, reasons: Reasons) -> None:
    names = _cells(reasons.columns)
    values = float_texts(np.asarray(reasons.contributions, dtype="float64").ravel())
    count = reasons.places.shape[1]
    for number in range(count):
        texts.add(",")
        texts.add_each([names[place] for place in reasons.places[:, number].tolist()])
        texts.add(",")
        texts.add_each(values[number::count])


@lru_cache(maxsize=16)
def _cells(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_cell, texts))


def _cell(text: str) -> str:
    """Return a text as a cell, in quotes where it needs them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text, ""])
    return line.getvalue().removesuffix(",")
