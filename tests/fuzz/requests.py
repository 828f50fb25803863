"""Sends requests of every kind to the serving code, to an endpoint, and by raw sockets: `python -m tests.fuzz requests`.

What must hold: a request that fits gets the model's exact answer, row by row, and alone the same; any other a 4xx with
one line of JSON; nothing a 5xx, a traceback, or no answer; and the next good request its usual answer.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.request_cases import CSV, JSON, Case, requests
from tests.scripts.models import FEATURES, ROW, small_model

SCRIPTS = Path(__file__).parents[2] / "sagemaker_scripts"
MODULES = Path(__file__).parents[2] / "localstack" / "sagemaker_local" / "container" / "modules"
GOOD = json.dumps([ROW]).encode()
SHARES = {"in process": 0.75, "endpoint": 0.2, "sockets": 0.05}


class Send(Protocol):
    """Asks for an answer to a body: the model's status, and the body of the answer."""

    def __call__(self, body: bytes, content_type: str, accept: str = JSON) -> tuple[int, bytes]: ...


@lru_cache
def in_process(algorithm: str = "logistic_regression") -> Send:
    """The serving script under SageMaker local's handlers, without HTTP."""
    sys.path += [path for path in (str(SCRIPTS), str(MODULES)) if path not in sys.path]
    import inference

    from sagemaker_local.container.handlers import Handlers

    handlers = Handlers(inference, "sagemaker-inference")
    handlers._model = small_model(algorithm)

    def send(body: bytes, content_type: str, accept: str = JSON) -> tuple[int, bytes]:
        answer = handlers.answer(body, content_type, accept)
        assert isinstance(answer.body, bytes)
        return answer.status, answer.body

    return send


def check_case(send: Send, case: Case, algorithm: str = "logistic_regression") -> None:
    """Send a case, and the good request after it. Raises AssertionError when either answer is not right."""
    status, body = send(case.body, case.content_type, case.accept)
    assert b"Traceback" not in body, body[-500:]
    if case.rows is None:
        check_refusal(status, body, case)
    else:
        assert status == 200, body
        predictions = strict(body)["predictions"]
        check_same(predictions, expected(case.rows, algorithm))
        for number, alone in enumerate(case.alone):
            _, answer = send(alone, case.content_type)
            check_same(strict(answer)["predictions"], predictions[number : number + 1])
    check_good(send, algorithm)


def check_same(found: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    """Equal to 12 digits: how a matrix product rounds the last ones depends on how many rows there are."""
    assert len(found) == len(right)
    for one, other in zip(found, right, strict=True):
        probabilities = other.get("probabilities", other)
        assert one.get("probabilities", one) == pytest.approx(probabilities, rel=1e-12, abs=1e-12)
        if "probabilities" in other and abs(max(probabilities.values()) - 0.5) > 1e-9:
            assert one["prediction"] == other["prediction"]


def check_refusal(status: int, body: bytes, case: Case) -> None:
    assert status in (400, 415), (status, body[:500])
    content = strict(body)
    assert content["error"]
    assert content["error"].isprintable()
    assert all({"row", "column", "expected", "found"} == set(problem) for problem in content["problems"])
    assert len(body) < 20_000
    if " rows do not fit " in content["error"]:
        assert content["problems"]


def check_good(send: Send, algorithm: str = "logistic_regression") -> None:
    """A good request's answer is what it always is."""
    status, body = send(GOOD, JSON)
    assert status == 200, body
    check_same(strict(body)["predictions"], expected([ROW], algorithm))


def strict(body: bytes) -> dict[str, Any]:
    """The JSON of an answer, without NaN or Infinity, on one line."""

    def no_number(token: str) -> Any:
        raise AssertionError(f"an answer holds {token}")

    assert b"\n" not in body
    return dict(json.loads(body.decode("utf-8"), parse_constant=no_number))


def expected(rows: list[dict[str, Any]], algorithm: str) -> list[dict[str, Any]]:
    """What the model says of rows of known values, each asked alone and without any of the code that reads requests."""
    model = small_model(algorithm)
    kinds = {"integer": "Int64", "number": "float64", "category": "object"}
    answers: list[dict[str, Any]] = []
    for row in rows:
        frame = pd.DataFrame({c.name: pd.Series([row[c.name]], dtype=kinds[c.type]) for c in FEATURES})
        [output] = model.output(frame).tolist()
        if isinstance(output, float):
            answers.append({"prediction": output})
        else:
            classes = model.contract.classes
            answers.append(
                {
                    "prediction": classes[int(np.argmax(output))],
                    "probabilities": dict(zip(classes, output, strict=True)),
                }
            )
    return answers


def try_many(test: Callable[[Case], None], count: int, number: int, kinds: Counter[str]) -> None:
    """Try `count` cases from the seed `number`. Raises AssertionError with the smallest case that fails."""

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @seed(number)
    @given(requests)
    def tried(case: Case) -> None:
        kinds[case.kind] += 1
        test(case)

    tried()
