"""Scores the rows of a request: checks, encodes and predicts them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Any

import numpy as np
import pyarrow as pa

from serving.intervals import intervals_of
from serving.model import Model
from serving.negotiation import Options
from serving.predictions import Predictions, version_of
from serving.readers import Reader
from serving.readers.request_rows import RequestRows, problems_per_row, require_row_count
from serving.readers.text import encoded as as_bytes
from serving.reasons import largest
from serving.rejected import SHOWN, bad_request
from tabular.checked import CheckedColumns, Problem, check_columns

MOST_EXPLAINED = 5_000
"""The most rows of a request with reasons: XGBoost takes milliseconds for the contributions of each."""
COMPUTABLE = "that the model can compute with"
PREDICTABLE = "that gives a finite prediction"


def score(model: Model, body: bytes | str, reader: Reader, options: Options) -> Predictions:
    """Score the rows of a body. Raises Rejected, for problems of rows only without `options.row_errors`."""
    encoded = encoded_plain(model, body, reader)
    found = None if encoded is None else finite_predictions(model, encoded, model.predict(encoded), options)
    return found or _score_checked(model, body, reader, options)


def encoded_plain(model: Model, body: bytes | str, reader: Reader) -> np.ndarray | None:
    """Return the rows of plain JSON as the model takes them. Returns None for rows that need the general path."""
    rows = reader.fast_rows(as_bytes(body)) if reader.fast_rows else None
    if rows is None:
        return None
    require_row_count(len(rows))
    return model.row_encoder(rows)


def finite_predictions(model: Model, encoded: np.ndarray, output: np.ndarray, options: Options) -> Predictions | None:
    """Return the predictions of n rows, all without a problem. Returns None if one is not finite."""
    return _predictions(model, encoded, output, options) if _is_finite(output) else None


def _is_finite(output: np.ndarray) -> bool:
    """Whether all (n, ...) predictions are finite."""
    if len(output) == 1:  # NumPy's own functions take three times as long
        return all(map(math.isfinite, output.ravel().tolist()))
    return bool(np.isfinite(output).all())


def _finite_rows(output: np.ndarray) -> np.ndarray:
    """Return the (n,) mask of the (n, ...) predictions that are finite."""
    if _is_finite(output):
        return np.ones(len(output), dtype=bool)
    return np.asarray(np.isfinite(output).all(axis=tuple(range(1, output.ndim))))


def _score_checked(model: Model, body: bytes | str, reader: Reader, options: Options) -> Predictions:
    most = None if options.row_errors else SHOWN + 1
    rows = reader.read(body, model.contract.features, most)
    checked = check_columns(rows.cells, model.contract.features, len(rows.well_formed), rows.well_formed)
    problems = _misfits(rows, checked, options)
    good = checked.take(~checked.bad_rows) if checked.bad_rows.any() else checked
    encoded = model.encode(good.values, good.count) if good.count else np.zeros((0, 0), dtype="float32")
    good, encoded, found = _finite(good, encoded, model.finite(encoded), COMPUTABLE, options)
    output = model.predict(encoded) if good.count else _nothing(model)
    predictable = _finite_rows(output)
    good, output, more = _finite(good, output, predictable, PREDICTABLE, options)
    encoded = encoded[predictable] if more else encoded
    predictions = _predictions(model, encoded, output, options)
    if good.count == rows.count:
        return predictions
    grouped = _by_row([*problems, *found, *more])
    return replace(predictions, count=rows.count, rows=good.rows, problems=grouped)


def _predictions(model: Model, encoded: np.ndarray, output: np.ndarray, options: Options) -> Predictions:
    threshold = model.calibration.threshold if model.calibration else None
    predictions = Predictions(
        len(output), model.contract.classes, output, threshold=threshold, row_errors=options.row_errors
    )
    if options.reasons:
        _require_few(predictions.count)
        predictions = replace(predictions, reasons=largest(model, encoded, predictions, options.reasons))
    if options.intervals:
        predictions = replace(predictions, intervals=intervals_of(model, predictions))
    return replace(predictions, version=version_of(model.digest)) if options.version else predictions


def _require_few(count: int) -> None:
    if count > MOST_EXPLAINED:
        found = f"{count:,}. Send several requests"
        raise bad_request(f"Accept: reasons: expected at most {MOST_EXPLAINED:,} rows in a request, found {found}")


def _nothing(model: Model) -> np.ndarray:
    return np.zeros((0, len(model.contract.classes)) if model.contract.classes else 0)


def _misfits(rows: RequestRows, checked: CheckedColumns, options: Options) -> Sequence[Problem]:
    """Return the problems of all rows that do not fit. Raises Rejected instead without `options.row_errors`."""
    bad = rows.count - checked.count + int(checked.bad_rows.sum())
    if not bad:
        return ()
    if options.row_errors:
        return [*rows.problems, *_first_of_each_row(checked).problems()]
    problems = sorted([*rows.problems, *checked.problems(SHOWN + 1)], key=_row)
    cut = f"; the first {SHOWN} problems are listed" if len(problems) > SHOWN else ""
    raise bad_request(f"{bad} of {rows.count} rows do not fit the model's contract{cut}", problems)


def _first_of_each_row(checked: CheckedColumns) -> CheckedColumns:
    """Return the rows with only the first problems of each."""
    first = np.cumsum(checked.bad, axis=1) <= problems_per_row(checked.count)
    return replace(checked, bad=checked.bad & first)


def _finite(
    checked: CheckedColumns, values: np.ndarray, good: np.ndarray, expected: str, options: Options
) -> tuple[CheckedColumns, np.ndarray, list[Problem]]:
    """Return the rows with finite values, and the problems of the others. Extremely large numbers are the only cause.

    Raises Rejected instead of returning problems without `options.row_errors`.
    """
    bad = np.flatnonzero(~good)
    if not len(bad):
        return checked, values, []
    shown = bad if options.row_errors else bad[:SHOWN]
    problems = [_largest(checked, int(row), expected) for row in shown]
    if not options.row_errors:
        raise bad_request(f"{len(bad)} of {len(values)} rows are out of range", problems)
    return checked.take(good), values[good], problems


def _largest(checked: CheckedColumns, row: int, expected: str) -> Problem:
    """Return the problem of the largest number of a row."""
    numbers = [column for column in checked.columns if column.type in ("integer", "number")]
    sizes = [abs(float(checked.values[column.name][row].as_py() or 0)) for column in numbers]
    column = numbers[int(np.argmax(sizes))]
    found = column.shown(_cell(checked.raw[column.name], row))
    return Problem(int(checked.rows[row]), column.name, f"{column.expected} {expected}", found)


def _cell(cells: pa.Array | np.ndarray, row: int) -> Any:
    return cells[row].as_py() if isinstance(cells, pa.Array) else cells[row]


def _by_row(problems: Iterable[Problem]) -> dict[int, list[Problem]]:
    return {row: list(islice(found, SHOWN)) for row, found in groupby(sorted(problems, key=_row), _row)}


def _row(problem: Problem) -> int:
    return problem.row
