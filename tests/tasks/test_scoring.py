"""Scoring rows by requests. The endpoint is the serving code, called without HTTP."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.errors import InvalidRows, JobFailed
from sagemaker_local.serverless import LARGEST_BODY
from serving.answer import answer
from tasks import scoring
from tasks.scoring import score_rows
from tests.scripts.models import ROW, served_model

JSON = "application/json"


class Endpoint:
    """Responds like the model server, and records the bodies of the requests."""

    def __init__(self, spoil: Callable[[str], str] = lambda message: message, accept: str = scoring.ACCEPT) -> None:
        """With another `accept` it is the server of a model from before `on_error=row`."""
        self.bodies: list[bytes] = []
        self._spoil, self._accept = spoil, accept

    def __call__(self, body: bytes) -> bytes:
        self.bodies.append(body)
        found = answer(served_model(), body, JSON, self._accept)
        if found.status != 200:
            raise InvalidRows(self._spoil(found.body.decode()))
        return found.body


def rows(count: int, bad: dict[int, Any] | None = None) -> pd.DataFrame:
    """`count` rows that fit but for an age here and there, labelled 100, 102, 104, ..."""
    frame = pd.DataFrame([{**ROW, "hours": row / count * 40, "age": 15} for row in range(count)])
    for row, age in (bad or {}).items():
        frame.loc[row, "age"] = age
    return frame.set_index(pd.Index(range(100, 100 + 2 * count, 2)))


@pytest.mark.parametrize("spoil", [lambda message: message, lambda message: message[:40], lambda _: "no words"])
def test_refused_rows_are_set_apart_and_all_others_keep_their_answers(spoil: Callable[[str], str]) -> None:
    bad = {0: 99, 7: 99, 499: 99, 500: 99, 1199: 99, **dict.fromkeys(range(600, 625), 99)}
    frame = rows(1200, bad)
    scored = score_rows(frame, Endpoint(spoil, JSON))
    assert sorted(scored.refused) == sorted(100 + 2 * row for row in bad)
    assert sorted([*scored.answers, *scored.refused]) == list(frame.index)
    expected = json.loads(Endpoint()(json.dumps(rows(1200).to_dict("records")).encode()))["predictions"]
    for place, label in enumerate(frame.index):
        assert scored.answers.get(label, expected[place]) == expected[place]


def test_rows_that_a_model_answers_with_their_errors_cost_no_further_request() -> None:
    bad = {0: 99, 7: 99, 499: 99, 500: 99, 1199: 99, **dict.fromkeys(range(600, 625), 99)}
    endpoint, older = Endpoint(), Endpoint(accept=JSON)
    scored = score_rows(rows(1200, bad), endpoint)
    assert scored == score_rows(rows(1200, bad), older)
    assert (len(endpoint.bodies), len(older.bodies)) == (3, 7)
    assert scored.refused[100] == ["age: expected a whole number from 10 to 30, found 99"]


def test_a_reason_names_column_expected_and_found() -> None:
    assert score_rows(rows(3, {1: 99}), Endpoint()).refused == {
        102: ["age: expected a whole number from 10 to 30, found 99"]
    }


def test_requests_keep_to_rows_and_bytes_and_a_row_too_large_for_one_is_set_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring, "BATCH_BYTES", 1_000)
    frame = rows(100)
    frame.loc[110, "note"] = "x" * 2_000
    endpoint = Endpoint()
    scored = score_rows(frame, endpoint)
    assert max(map(len, endpoint.bodies)) <= 1_000
    assert len(scored.answers) == 99
    assert scored.refused[110][0].startswith("row: expected at most 1,000 bytes as JSON, found 2,0")
    endpoint = Endpoint()
    monkeypatch.setattr(scoring, "BATCH_BYTES", 5_000_000)
    score_rows(rows(1001), endpoint)
    assert [len(json.loads(body)["instances"]) for body in endpoint.bodies] == [500, 500, 1]


def test_every_request_fits_a_serverless_endpoint() -> None:
    sizes: list[int] = []

    def ask(body: bytes) -> bytes:
        sizes.append(len(body))
        return json.dumps({"predictions": [{} for _ in json.loads(body)["instances"]]}).encode()

    scored = score_rows(pd.DataFrame({"text": ["x" * 100_000] * 90}), ask)
    assert len(scored.answers) == 90
    assert len(sizes) == 3
    assert max(sizes) <= LARGEST_BODY


def test_integers_keep_every_digit_and_missing_values_are_null_on_the_way() -> None:
    frame = pd.DataFrame(
        {
            "id": pd.array([740245381351497731, None], dtype="Int64"),
            "hours": [0.1, np.nan],
            "word": pd.Series(["a", None], dtype="string"),
        }
    )
    seen: list[Any] = []

    def ask(body: bytes) -> bytes:
        seen.extend(json.loads(body)["instances"])
        return json.dumps({"predictions": [{"prediction": 1.0}] * 2}).encode()

    score_rows(frame, ask)
    assert seen == [
        {"id": 740245381351497731, "hours": 0.1, "word": "a"},
        {"id": None, "hours": None, "word": None},
    ]


def test_requests_stop_when_an_endpoint_refuses_whole_batches_without_naming_rows() -> None:
    def ask(body: bytes) -> bytes:
        raise InvalidRows("Content type: expected another")

    with pytest.raises(InvalidRows, match="the endpoint refuses it: Content type: expected another"):
        score_rows(rows(1000), ask)


def test_answers_that_are_not_one_for_each_row_are_an_error() -> None:
    with pytest.raises(JobFailed, match="expected 3 answers to 3 rows, found 1"):
        score_rows(rows(3), lambda body: b'{"predictions": [{"prediction": 1.0}]}')
