"""The answers of captured requests, in each format that a model answers in."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES, media_type
from tasks.capture.events import Part, Unreadable
from tasks.rows.answer_columns import PREDICTION, PROBABILITY

FAILED = "The model failed with "
"""How the response begins to a request that the model itself failed at (`serving.answer`)."""


EXPECTED = "answer: expected the predictions of a model of this use case, found something else"


class Refusal(Exception):
    """The model refused the whole request, or failed."""

    def __init__(self, *, failed: bool) -> None:
        super().__init__()
        self.failed = failed


Answer = Mapping[str, Any]
"""`prediction`, and `probabilities` by class; or `error` in the place of a refused row's prediction."""


def read(answer: Part, classes: Sequence[str]) -> list[Answer]:
    """Return the answer to each row. Raises Refusal, and Unreadable when it is none of the formats."""
    found = media_type(answer.content_type)
    reader = READERS.get(found.standard_name) if found else None
    if reader is None:
        raise Unreadable(f"answer: expected one of {', '.join(READERS)}, found another content type")
    try:
        answers = reader(answer.body, classes)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, csv.Error, pa.ArrowException):
        raise Unreadable(EXPECTED) from None
    if not isinstance(answers, list) or not all(isinstance(each, dict) for each in answers):
        raise Unreadable(EXPECTED)
    return answers


def _of_json(body: bytes, classes: Sequence[str]) -> list[Answer]:
    content = orjson.loads(body)
    if "error" in content and "predictions" not in content:
        raise Refusal(failed=content["error"].startswith(FAILED))
    answers: list[Answer] = content["predictions"]
    return answers


def _of_json_lines(body: bytes, classes: Sequence[str]) -> list[Answer]:
    return [orjson.loads(line) for line in body.split(b"\n") if line.strip()]


def _of_csv(body: bytes, classes: Sequence[str]) -> list[Answer]:
    return [_of_cells(cells, classes) for cells in csv.reader(io.StringIO(body.decode(), newline=""))]


def _of_cells(cells: Sequence[str], classes: Sequence[str]) -> Answer:
    if not cells[0]:
        return {"error": orjson.loads(cells[-1])}
    if not classes:
        return {"prediction": float(cells[0])}
    values = map(float, cells[1 : 1 + len(classes)])
    return {"prediction": cells[0], "probabilities": dict(zip(classes, values, strict=True))}


def _of_arrow(body: bytes, classes: Sequence[str]) -> list[Answer]:
    with pa.ipc.open_stream(body) as stream:
        table = stream.read_all()
    table.validate(full=True)  # the buffers of a damaged stream may lead beyond its end
    rows = table.to_pylist()
    return [_of_columns(row, classes) for row in rows]


def _of_columns(row: Mapping[str, Any], classes: Sequence[str]) -> Answer:
    if row[PREDICTION] is None:
        return {"error": row["error"]}
    probabilities = {name: row[f"{PROBABILITY}{name}"] for name in classes}
    return {"prediction": row[PREDICTION], **({"probabilities": probabilities} if classes else {})}


READERS: dict[str, Callable[[bytes, Sequence[str]], list[Answer]]] = {
    JSON: _of_json, JSON_LINES: _of_json_lines, CSV: _of_csv, ARROW_STREAM: _of_arrow,
}  # fmt: skip
"""The readers of answers, by media type."""


def columns_of(answers: Sequence[Answer], classes: Sequence[str]) -> dict[str, pa.Array]:
    """Return the columns of n answers without an error. Raises Unreadable when one is not of these classes."""
    try:
        predictions = [answer["prediction"] for answer in answers]
        if not classes:
            return {PREDICTION: _numbers(predictions)}
        if not set(predictions).issubset(classes):
            raise Unreadable("answer: expected a class of the use case, found another one")
        columns = {name: [answer["probabilities"][name] for answer in answers] for name in classes}
    except (KeyError, TypeError):
        raise Unreadable("answer: expected a prediction for each row, found another content") from None
    found = {f"{PROBABILITY}{name}": _numbers(values) for name, values in columns.items()}
    return {PREDICTION: pa.array(predictions, pa.string()), **found}


def _numbers(values: Sequence[Any]) -> pa.Array:
    if not {float, int}.issuperset(map(type, values)):
        raise Unreadable("answer: expected numbers, found something else")
    numbers = np.array(values, dtype="float64")
    if not np.isfinite(numbers).all():
        raise Unreadable("answer: expected finite numbers, found others")
    return pa.array(numbers)
