"""What a contract test finds in the answers of a new version."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from config.errors import GateError, JobFailed
from tasks.release.contract_test import REQUESTS, Sample, problem_of, require_answers
from tests.scripts.models import contract

ROWS = ('{"age": 15}', '{"age": 16}')
EXPECTED = [[0.25, 0.75], [0.5, 0.5]]
CLASSES = contract("xgboost")
NUMBER = contract("ridge")


def answer(yes: float) -> dict[str, Any]:
    return {"prediction": "yes" if yes > 0.5 else "no", "probabilities": {"no": 1 - yes, "yes": yes}}


def answering(*found: Any) -> Callable[[bytes], bytes]:
    """Answers whole samples with `found`, and single rows too."""
    return lambda body: json.dumps({"predictions": list(found[: len(json.loads(body)["instances"])])}).encode()


def test_answers_as_the_evaluation_gave_them_are_sound() -> None:
    sample = Sample(CLASSES, ROWS, EXPECTED)
    load = require_answers(sample, answering(answer(0.75), answer(0.5 + 1e-9)), "version 2")
    assert (len(load.seconds), load.failures) == (REQUESTS, ())
    assert 0 <= load.percentile(0.5) <= load.percentile(0.95)
    assert require_answers(Sample(NUMBER, ROWS, [1.5, 2.0]), answering({"prediction": 1.5}, {"prediction": 2}), "v")


def test_an_answer_that_differs_from_the_evaluation_s_is_refused() -> None:
    sample = Sample(CLASSES, ROWS, EXPECTED)
    with pytest.raises(GateError, match=r"version 2: .* row 1: expected the evaluation's 0.5, 0.5, found 0.49, 0.51"):
        require_answers(sample, answering(answer(0.75), answer(0.51)), "version 2")
    assert problem_of(Sample(CLASSES, ROWS, None), {"predictions": [answer(0.75), answer(0.51)]}) is None


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            [{"prediction": "maybe", "probabilities": {"no": 0.5, "yes": 0.5}}],
            "row 0: expected an answer by the",
        ),
        ([{"prediction": "yes", "probabilities": {"yes": 1.0}}], "'no' is a required property"),
        ([{"prediction": "yes", "probabilities": {"no": -1.0, "yes": 2.0}}], "less than the minimum"),
        ([answer(0.75)], "expected 2 answers, found 1"),
    ],
)
def test_an_answer_that_does_not_fit_the_openapi_description_is_refused(found: list[Any], message: str) -> None:
    assert message in str(problem_of(Sample(CLASSES, ROWS, None), {"predictions": found}))


def test_an_answer_that_is_no_list_of_predictions_is_refused() -> None:
    with pytest.raises(GateError, match="expected answers to 2 held-out rows"):
        require_answers(Sample(CLASSES, ROWS, None), lambda body: b"<html>", "version 2")
    assert "the list `predictions`" in str(problem_of(Sample(CLASSES, ROWS, None), [answer(0.5)]))


def test_a_failure_under_load_is_refused() -> None:
    asked: list[bytes] = []

    def fails_later(body: bytes) -> bytes:
        asked.append(body)
        if len(asked) == REQUESTS:
            raise JobFailed("endpoint e: out of memory")
        return answering(answer(0.75), answer(0.5))(body)

    with pytest.raises(GateError, match=r"found 1 failures; the first: endpoint e: out of memory. No client"):
        require_answers(Sample(CLASSES, ROWS, EXPECTED), fails_later, "version 2")
