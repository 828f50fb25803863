"""Scores rows by requests to an endpoint, in batches within its limits, and without the rows that it refuses.

A model answers the good rows of a request, and has the reasons of the others in their places (`on_error=row`). An
endpoint runs the code that its model was trained with: a model from before this option refuses the whole request. Then
the request is sent again without the rows that the refusal names.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import InvalidRows, JobFailed
from tabular.checked import Problem
from tabular.columns import Column
from tabular.written_dates import written

BATCH_ROWS = 500
BATCH_BYTES = 4_000_000
"""A serverless endpoint takes 4 MB in one request, one on instances 6 MB (6,291,456 bytes)."""
ACCEPT = "application/json; on_error=row"
"""The Accept header of the requests."""
_AROUND = len('{"instances": []}')

Ask = Callable[[bytes], bytes]
"""Sends a JSON body with ACCEPT and returns the response's body. Raises InvalidRows with the endpoint's refusal."""


@dataclass
class Scored:
    """An endpoint's answers, by row label."""

    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, list[str]] = field(default_factory=dict)
    """The reasons of the refused rows."""
    unnamed: set[int] = field(default_factory=set)
    """The refused rows that no response of the endpoint names."""
    places: dict[int, tuple[int, int]] = field(default_factory=dict, compare=False)
    """The number of the request that answered each row, from 1, and the row's number in it, from 0."""
    requests: int = field(default=0, compare=False)
    """The requests that were sent."""


def score_rows(rows: pd.DataFrame, ask: Ask, columns: Mapping[str, Column] | None = None) -> Scored:
    """Score the n typed rows. Every label of their index is in the answers or among the refused rows.

    `columns` has the formats of dates; without it they are written in ISO 8601.
    Raises InvalidRows when the endpoint refuses a whole batch without naming rows, and JobFailed when the number of
    answers differs from the number of rows.
    """
    scored = Scored()
    for batch in _batches(rows.index.to_numpy("int64"), json_rows(rows, columns or {}), scored):
        _score_batch(batch, ask, scored)
        if scored.unnamed.issuperset(batch):
            raise InvalidRows(scored.refused[next(iter(batch))][0])
    return scored


def json_rows(rows: pd.DataFrame, columns: Mapping[str, Column]) -> pa.Array:
    """Return the n rows as (n,) texts: JSON objects with exact integers and null for missing values.

    Dates are texts in the formats of their `columns`.
    """
    parts: list[Any] = []
    for place, name in enumerate(rows):
        parts += [f"{', ' if place else '{'}{json.dumps(name)}: ", _json_values(rows[name], columns.get(name))]
    return pc.binary_join_element_wise(*parts, "}", "")


def instances(texts: Iterable[str]) -> bytes:
    """Return the body of a request with these rows, each a JSON object."""
    return ('{"instances": [' + ", ".join(texts) + "]}").encode()


def _json_values(values: pd.Series, column: Column | None) -> pa.Array:
    """Return the (n,) values as JSON. Each distinct value is encoded once."""
    array = pa.Array.from_pandas(values)
    distinct = (array.cast(pa.string()) if pa.types.is_null(array.type) else array).dictionary_encode()
    texts = pa.array([json.dumps(_plain(value, column)) for value in distinct.dictionary.to_pylist()], pa.string())
    return texts.take(distinct.indices).fill_null("null")


def _plain(value: Any, column: Column | None) -> Any:
    if not isinstance(value, datetime):
        return value
    return written(value, column.format, column.type) if column else value.isoformat()


def _batches(labels: np.ndarray, texts: pa.Array, scored: Scored) -> Iterator[dict[int, str]]:
    """Fill requests up to their limits. A row that is larger than one request is refused."""
    sizes = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype("int64") + len(", ")
    too_large = sizes + _AROUND > BATCH_BYTES
    for label, size in zip(labels[too_large].tolist(), sizes[too_large].tolist(), strict=True):
        scored.refused[label] = [f"row: expected at most {BATCH_BYTES:,} bytes as JSON, found {size - len(', '):,}"]
    fitting = np.flatnonzero(~too_large)
    ends = np.cumsum(sizes[fitting])
    first = 0
    while first < len(fitting):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + BATCH_BYTES - _AROUND, side="right"))
        places = fitting[first : min(last, first + BATCH_ROWS)]
        yield dict(zip(labels[places].tolist(), texts.take(pa.array(places)).to_pylist(), strict=True))
        first += len(places)


def _score_batch(batch: Mapping[int, str], ask: Ask, scored: Scored) -> None:
    """Repeat the request without the rows that a refusal names, or in halves if it names none, until no row is left."""
    rest = dict(batch)
    while rest:
        try:
            scored.requests += 1
            _add(scored, dict(zip(rest, _answers(rest, ask), strict=True)))
            return
        except InvalidRows as refusal:
            named = _named(list(rest), str(refusal))
            if not named and len(rest) > 1:
                for half in _halves(rest):
                    _score_batch(half, ask, scored)
                return
            if not named:
                scored.unnamed |= rest.keys()
            scored.refused |= named or {row: [f"the endpoint refuses it: {refusal}"] for row in rest}
            rest = {row: text for row, text in rest.items() if row not in scored.refused}


def _add(scored: Scored, answers: Mapping[int, dict[str, Any]]) -> None:
    for place, (row, answer) in enumerate(answers.items()):
        if "error" in answer:
            scored.refused[row] = [Problem(**problem).text() for problem in answer["error"]["problems"]]
        else:
            scored.answers[row] = answer
            scored.places[row] = scored.requests, place


def _answers(batch: Mapping[int, str], ask: Ask) -> list[dict[str, Any]]:
    answers = list(json.loads(ask(instances(batch.values())))["predictions"])
    if len(answers) != len(batch):
        raise JobFailed(f"endpoint: expected {len(batch)} answers to {len(batch)} rows, found {len(answers)}")
    return answers


def _halves(batch: Mapping[int, str]) -> tuple[dict[int, str], dict[int, str]]:
    items = list(batch.items())
    middle = len(items) // 2
    return dict(items[:middle]), dict(items[middle:])


def _named(rows: list[int], message: str) -> dict[int, list[str]]:
    """Return the reasons by row in a refusal of `serving.answer`; empty for a cut message or any other one."""
    reasons: dict[int, list[str]] = {}
    try:
        for problem in json.loads(message.split("\n", 1)[0])["problems"]:
            reasons.setdefault(rows[problem["row"]], []).append(Problem(**problem).text())
    except (ValueError, KeyError, TypeError, IndexError):
        return {}
    return reasons
