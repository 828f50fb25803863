"""Answers several requests by one prediction. The answers are those of `serving.answer.answer`."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from serving.answer import answer, written
from serving.invocation import Answer, Invocation
from serving.model import Model
from serving.negotiation import Options, options_of
from serving.readers import reader_of
from serving.rejected import Rejected
from serving.scoring import encoded_plain, finite_predictions


class _Plain(NamedTuple):
    """A request with plain rows."""

    number: int
    encoded: np.ndarray
    options: Options


def answer_together(model: Model, requests: Sequence[Invocation]) -> list[Answer]:
    """Return the answer to each request. The rows of plain JSON of all requests are predicted together."""
    plain = [found for number, each in enumerate(requests) if (found := _plain(model, number, each)) is not None]
    try:
        answers = _predicted(model, plain) if len(plain) > 1 else {}
    except Exception:  # noqa: BLE001  each request is answered alone then, with its own failure
        answers = {}
    return [answers.get(number) or answer(model, *request) for number, request in enumerate(requests)]


def _plain(model: Model, number: int, request: Invocation) -> _Plain | None:
    try:
        reader, options = reader_of(request.content_type), options_of(request.accept)
        encoded = encoded_plain(model, request.body, reader)
    except Rejected:
        return None
    return None if encoded is None else _Plain(number, encoded, options)


def _predicted(model: Model, plain: Sequence[_Plain]) -> dict[int, Answer]:
    output = model.predict(np.concatenate([each.encoded for each in plain]))
    answers: dict[int, Answer] = {}
    begin = 0
    for each in plain:
        end = begin + len(each.encoded)
        found = finite_predictions(model, each.encoded, output[begin:end], each.options)
        begin = end
        if found is not None:
            answers[each.number] = written(found, each.options)
    return answers
