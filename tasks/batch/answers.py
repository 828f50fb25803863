"""Reads a model's answers to the rows of one shard: an Arrow stream with a row for each row of the request.

Its columns are `prediction`; for classes `probability_<class>`; and `error`, null for a row that was scored, else the
problems of the row as JSON.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from config.errors import JobFailed
from tabular.checked import Problem
from tasks.rows.answer_columns import PREDICTION, probability

ACCEPT = "application/vnd.apache.arrow.stream; on_error=row"
ERROR = "error"


@dataclass(frozen=True)
class Answers:
    """A model's answers to n rows, in order."""

    prediction: pa.Array
    """(n,) classes, or doubles for a regression; null for refused rows."""
    probabilities: dict[str, pa.Array]
    """(n,) doubles by class; none for a regression."""
    refused: np.ndarray
    """The (n,) mask of the rows that the model refuses."""
    reasons: list[dict[str, str]]
    """The reasons of the refused rows, in order, by column; empty for a problem of the whole row."""


def read_answers(content: bytes, rows: int, classes: Sequence[str], name: str) -> Answers:
    """Read the answers to a shard of `rows` rows. Raises JobFailed when they are not those of a model of `classes`."""
    table = _table(content, name)
    wanted = [PREDICTION, *map(probability, classes), ERROR]
    if missing := [each for each in wanted if each not in table.schema.names]:
        raise JobFailed(f"{name}: expected the columns {', '.join(wanted)}, found none named {', '.join(missing)}")
    if len(table) != rows:
        raise JobFailed(f"{name}: expected {rows:,} answers, found {len(table):,}. Delete the object, and run again")
    errors = table[ERROR].combine_chunks()
    kind = pa.string() if classes else pa.float64()
    return Answers(
        prediction=table[PREDICTION].combine_chunks().cast(kind),
        probabilities={each: table[probability(each)].combine_chunks().cast(pa.float64()) for each in classes},
        refused=np.asarray(errors.is_valid()),
        reasons=[_reasons(text) for text in errors.drop_null().to_pylist()],
    )


def _table(content: bytes, name: str) -> pa.Table:
    try:
        with pa.ipc.open_stream(content) as stream:
            return stream.read_all()
    except (pa.ArrowException, OSError) as error:
        raise JobFailed(
            f"{name}: expected an Arrow stream, found: {error}. Delete the object, and run again"
        ) from error


def _reasons(text: str) -> dict[str, str]:
    """Return the problems of a row as texts, by column."""
    problems = [Problem(**problem) for problem in json.loads(text)["problems"]]
    return {problem.column: problem.text() for problem in problems}
