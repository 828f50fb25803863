"""Requests of every kind to the serving code, to a model server, to an endpoint and by raw sockets.

What must hold: a request that fits gets the model's exact answer, row by row, and alone the same; any other a 4xx with
one line of JSON; nothing a 5xx, a traceback, or no answer; and the next good request its usual answer.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.body_cases import Damaged, damaged_bodies, sound_bodies
from tests.fuzz.outcomes import Outcome
from tests.fuzz.raw_requests import Raw, raw_requests
from tests.fuzz.request_cases import JSON, Case, requests
from tests.fuzz.servers import MODULES, SCRIPTS, Target, live_endpoint, model_server, own_server, statuses
from tests.scripts.models import ALGORITHMS, FEATURES, ROW, served_model, small_model

GOOD = json.dumps([ROW]).encode()
SHARES = {"in process": 0.35, "bodies": 0.35, "openapi": 0.1, "http": 0.12, "sockets": 0.08}
"""The share of each way to send requests in a run."""
REFUSALS = (400, 406, 413, 415)
SLOW_SECONDS = 20.0
"""A request that takes longer is a failure."""
GOOD_EVERY = 5
"""The number of requests between two good ones in process, where requests share no state."""
Example = TypeVar("Example")
Verdict = tuple[str, str]
"""Kind and what became of it."""


class Send(Protocol):
    """Sends a body and returns the model's status and the response's body."""

    def __call__(self, body: bytes, content_type: str, accept: str = JSON) -> tuple[int, bytes]: ...


@lru_cache
def in_process(algorithm: str = "logistic_regression") -> Send:
    """The serving script under SageMaker local's handlers, without HTTP."""
    sys.path += [path for path in (str(SCRIPTS), str(MODULES)) if path not in sys.path]
    import inference
    from sagemaker_local.container import defaults
    from sagemaker_local.container.flask_worker import FlaskHandlers
    from sagemaker_local.container.handlers import Request

    handlers = FlaskHandlers(inference, defaults, JSON)
    handlers._model = served_model(algorithm)

    def send(body: bytes, content_type: str, accept: str = JSON) -> tuple[int, bytes]:
        answer = handlers.answer(Request(body, {"content-type": content_type, "accept": accept}))
        assert isinstance(answer.body, bytes)
        return answer.status, answer.body

    return send


def check_case(send: Send, case: Case, algorithm: str = "logistic_regression") -> None:
    """Send a case, then a good request. Raises AssertionError when one of the responses is wrong."""
    status, body = send(case.body, case.content_type, case.accept)
    assert b"Traceback" not in body, body[-500:]
    if case.rows is None:
        check_refusal(status, body, case)
    else:
        assert status == 200, body
        predictions = strict(body)["predictions"]
        check_same(predictions, expected(case.rows, algorithm))
        if len(case.alone) > 1:
            _, answer = send(case.alone[-1], case.content_type)
            check_same(strict(answer)["predictions"], predictions[-1:])


def check_damaged(send: Send, case: Damaged) -> Verdict:
    """Send a request that may fit or not. Raises AssertionError for a 5xx, a traceback, or after SLOW_SECONDS."""
    began = time.monotonic()
    status, body = send(case.body, case.content_type, case.accept)
    assert b"Traceback" not in body, body[-500:]
    assert time.monotonic() - began < SLOW_SECONDS, "too slow"
    if status == 200:
        return case.kind, "answered"
    assert status in REFUSALS, (status, body[:500])
    assert strict(body)["error"].isprintable()
    assert len(body) < 20_000
    return case.kind, "refused"


def check_same(found: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    """Equal to 12 digits: how a matrix product rounds the last ones depends on how many rows there are."""
    assert len(found) == len(right)
    for one, other in zip(found, right, strict=True):
        probabilities = other.get("probabilities", other)
        assert one.get("probabilities", one) == pytest.approx(probabilities, rel=1e-12, abs=1e-12)
        if "probabilities" in other and abs(max(probabilities.values()) - 0.5) > 1e-9:
            assert one["prediction"] == other["prediction"]


def check_refusal(status: int, body: bytes, case: Case) -> None:
    assert status in REFUSALS, (status, body[:500])
    content = strict(body)
    assert content["error"]
    assert content["error"].isprintable()
    assert all({"row", "column", "expected", "found"} == set(problem) for problem in content["problems"])
    assert len(body) < 20_000
    if " rows do not fit " in content["error"]:
        assert content["problems"]


class Probe:
    """A good request whose response must be the same bytes each time."""

    def __init__(self, send: Send) -> None:
        self._send, self._first = send, send(GOOD, JSON)
        assert self._first[0] == 200, self._first

    def check(self) -> None:
        """Send it again."""
        again = self._send(GOOD, JSON)
        assert again == self._first, f"the next response changed: {again} instead of {self._first}"


def check_good(send: Send, algorithm: str = "logistic_regression") -> None:
    """Check the response to a good request."""
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
    """Return the model's predictions for rows of known values, without the code that reads requests."""
    model = small_model(algorithm)
    kinds = {"integer": "Int64", "number": "float64", "category": "object"}
    frame = pd.DataFrame({c.name: pd.Series([row[c.name] for row in rows], dtype=kinds[c.type]) for c in FEATURES})
    output, classes = model.output(frame).tolist(), model.contract.classes
    if not classes:
        return [{"prediction": value} for value in output]
    return [
        {"prediction": classes[int(np.argmax(row))], "probabilities": dict(zip(classes, row, strict=True))}
        for row in output
    ]


def check_raw(target: Target, raw: Raw) -> None:
    """Send invalid HTTP, then a good request. Raises AssertionError when one of the responses is wrong."""
    answer = target.send_raw(raw)
    assert b"Traceback" not in answer, answer[:2000]
    assert all(status < 500 for status in statuses(answer)), answer[:2000]
    check_good(target.send)


def try_many(
    examples: st.SearchStrategy[Example], test: Callable[[Example], Verdict], count: int, number: int, outcome: Outcome
) -> None:
    """Try `count` examples, of which `test` gives kind and verdict, and keep the smallest one that fails."""

    if not count:
        return

    @settings(
        max_examples=count, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @seed(number)
    @given(examples)
    def tried(example: Example) -> None:
        outcome.counts[test(example)] += 1

    try:
        tried()
    except Exception as error:  # noqa: BLE001  each kind of exception is a find
        notes = "\n".join(getattr(error, "__notes__", []))
        outcome.failures.append(f"--seed {number}\n{type(error).__name__}: {error}\n{notes}"[:5_000])


def try_in_process(count: int, number: int, outcome: Outcome) -> None:
    """Cases without HTTP, by every algorithm."""
    for algorithm in ALGORITHMS:
        send, turn = in_process(algorithm), itertools.count()

        def test(case: Case, algorithm: str = algorithm, send: Send = send, turn: Any = turn) -> Verdict:
            check_case(send, case, algorithm)
            if next(turn) % GOOD_EVERY == 0:
                check_good(send, algorithm)
            return verdict(case)

        try_many(requests, test, count // len(ALGORITHMS), number, outcome)


def try_bodies(send: Send, count: int, number: int, outcome: Outcome, probe_every: int = 1) -> None:
    """Try sound and damaged bodies of every media type, with a probe after each one, or after every few."""
    if not count:
        return
    probe, turn = Probe(send), itertools.count(1)

    def probed() -> None:
        if next(turn) % probe_every == 0:
            probe.check()

    def test_sound(case: Case) -> Verdict:
        check_case(send, case)
        probed()
        return verdict(case)

    def test_damaged(case: Damaged) -> Verdict:
        found = check_damaged(send, case)
        probed()
        return found

    try_many(sound_bodies(), test_sound, count // 4, number, outcome)
    try_many(damaged_bodies(), test_damaged, count - count // 4, number, outcome)


def try_openapi(target: Target, count: int, number: int, outcome: Outcome) -> None:
    """Try requests made of the server's OpenAPI description, with a probe after each."""
    if not count:
        return
    from tests.fuzz.openapi_cases import checked, operations  # schemathesis takes a second to import

    probe, found = Probe(target.send), list(operations(target.port))
    for name, cases in found:
        check = checked(target.port, name)

        def test(case: Any, check: Callable[[Any], Verdict] = check) -> Verdict:
            verdict = check(case)
            probe.check()
            return verdict

        try_many(cases, test, max(1, count // len(found)), number, outcome)


def try_target(target: Target, count: int, raw_count: int, number: int, outcome: Outcome) -> None:
    """Try cases over HTTP, each followed by a good request, and invalid HTTP."""

    def test(case: Case) -> Verdict:
        check_case(target.send, case)
        check_good(target.send)
        return verdict(case)

    def test_raw(raw: Raw) -> Verdict:
        check_raw(target, raw)
        return raw.kind.split(":")[0], "survived"

    try_many(requests, test, count, number, outcome)
    try_many(raw_requests(target.head(GOOD), GOOD), test_raw, raw_count, number, outcome)


def verdict(case: Case) -> Verdict:
    return case.kind, "refused" if case.rows is None else "answered"


def main(arguments: Sequence[str]) -> int:
    """`python -m tests.fuzz requests`: print kinds, verdicts and failures; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz requests", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--way", choices=sorted(SHARES), help="send all of them this way")
    options = parser.parse_args(arguments)
    outcome = run(options.count, options.seed, {options.way: 1.0} if options.way else SHARES)
    print(outcome.table())  # noqa: T201
    for failure in outcome.failures:
        print(f"\nFAILED {failure}")  # noqa: T201
    print(f"\n{outcome.total:,} requests, {len(outcome.failures)} failures")  # noqa: T201
    return 1 if outcome.failures else 0


def run(count: int, seed: int, shares: Mapping[str, float]) -> Outcome:
    """Try `count` requests: in process, at our own server, at SageMaker local's, and at an endpoint of a cloud."""
    outcome = Outcome()
    counts = {way: int(count * share) for way, share in shares.items()}
    cases, bodies, described, http, raw = (counts.get(way, 0) for way in SHARES)
    try_in_process(cases, seed, outcome)
    try_bodies(in_process(), bodies // 2, seed, outcome, GOOD_EVERY)
    with own_server() as own:
        try_openapi(own, described, seed, outcome)
        try_bodies(own.send, bodies - bodies // 2, seed + 1, outcome)
        try_target(own, http // 3, raw // 3, seed, outcome)
    if http or raw:
        with model_server() as server, live_endpoint() as live:
            for target in (server, live):
                try_target(target, http // 3, raw // 3, seed, outcome)
    return outcome
