"""The input of a serving script, and how its exceptions reach the caller: the toolkits' part, in process."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sagemaker_local.container import defaults
from sagemaker_local.container.flask_worker import FlaskHandlers, UserError
from sagemaker_local.container.handlers import Answer, Handlers, InferenceHandlers, Request

MODULES = Path(__file__).parents[2] / "localstack" / "sagemaker_local" / "container" / "modules"
TOOLKITS: tuple[Any, ...] = (InferenceHandlers, FlaskHandlers)
PAGE = b"""<!doctype html>
<html lang=en>
<title>500 Internal Server Error</title>
<h1>Internal Server Error</h1>
<p>The server encountered an internal error and was unable to complete your request. \
Either the server is overloaded or there is an error in the application.</p>
"""


def handlers(toolkit: Any, transform: Any) -> Handlers:
    made: Handlers = toolkit(script(transform_fn=transform), defaults, "application/json")
    made.load("")
    return made


def script(**functions: Any) -> ModuleType:
    module = ModuleType("script")
    module.__dict__.update({"model_fn": lambda folder: None, **functions})
    return module


def ask(answering: Handlers, body: bytes = b"1", content_type: str = "text/csv", accept: str = "text/plain") -> Answer:
    return answering.answer(Request(body, {"content-type": content_type, "accept": accept}))


def seen(model: None, body: str | bytes, content_type: str, accept: str) -> tuple[str, str]:
    return f"{body!r} {accept}", "text/plain"


@pytest.mark.parametrize("toolkit", TOOLKITS)
@pytest.mark.parametrize(
    ("content_type", "body", "given"),
    [
        ("text/csv", b"a", "'a'"),
        ("application/json", b"\xff", "'\ufffd'"),
        ("application/json", b"\xef\xbb\xbf1", "'\\ufeff1'"),
        ("text/csv; charset=utf-8", b"a", "b'a'"),
        ("application/json; charset=utf-8", b"1", "b'1'"),
        ("application/x-npy", b"\xff", "b'\\xff'"),
    ],
)
def test_a_script_gets_text_for_a_bare_type_and_bytes_otherwise(
    toolkit: Any, content_type: str, body: bytes, given: str
) -> None:
    answer = ask(handlers(toolkit, seen), body, content_type)
    assert (answer.status, answer.body) == (200, f"{given} text/plain".encode())


@pytest.mark.parametrize("toolkit", TOOLKITS)
@pytest.mark.parametrize("accept", ["", "*/*"])
def test_a_caller_that_wants_any_type_gets_the_default(toolkit: Any, accept: str) -> None:
    assert ask(handlers(toolkit, seen), accept=accept).body == b"'1' application/json"


def test_an_exception_is_flasks_generic_page_and_its_traceback_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("no such column")

    answer = ask(handlers(FlaskHandlers, fails))
    assert (answer.status, answer.content_type, answer.body) == (500, "text/html; charset=utf-8", PAGE)
    assert "Traceback" in caplog.text
    assert "no such column" in caplog.text


def test_neither_werkzeugs_nor_sagemaker_inferences_errors_choose_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(MODULES)])
    from sagemaker_inference.errors import BaseInferenceToolkitError
    from werkzeug.exceptions import BadRequest

    for error in (BaseInferenceToolkitError(422, "row 3: age", "Unprocessable Entity"), BadRequest("row 3")):

        def refuses(*_: Any, error: Exception = error) -> None:
            raise error

        assert (ask(handlers(FlaskHandlers, refuses)).status, ask(handlers(FlaskHandlers, refuses)).body) == (500, PAGE)


def test_a_returned_response_keeps_its_status_type_body_and_headers() -> None:
    import flask

    def refuses(*_: Any) -> flask.Response:
        return flask.Response('{"row": 3}', 422, {"X-Amzn-SageMaker-Custom-Attributes": "a=1"}, "application/json")

    answer = ask(handlers(FlaskHandlers, refuses))
    assert (answer.status, answer.content_type, answer.body) == (422, "application/json", b'{"row": 3}')
    assert answer.headers == (("x-amzn-sagemaker-custom-attributes", "a=1"),)


def test_a_content_type_that_the_defaults_can_not_read_is_a_500() -> None:
    made = FlaskHandlers(script(), defaults, "application/json")
    made.load("")
    assert ask(made, content_type="application/pdf").status == 500


def test_pieces_are_answered_as_they_are_yielded() -> None:
    def words(*_: Any) -> tuple[Iterator[str], str]:
        return iter(["one ", "two"]), "text/plain"

    body = ask(handlers(FlaskHandlers, words)).body
    assert not isinstance(body, bytes)
    assert list(body) == [b"one ", b"two"]


def test_transform_fn_beside_a_function_that_it_replaces_is_refused() -> None:
    with pytest.raises(UserError, match="Cannot use transform_fn implementation with input_fn, predict_fn"):
        FlaskHandlers(script(transform_fn=seen, output_fn=seen), defaults, "application/json")


def test_for_sagemaker_inference_a_traceback_goes_to_the_log_and_never_to_the_caller(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("no such column: \ud800")

    answer = ask(handlers(InferenceHandlers, fails))
    assert answer.status == 500
    assert isinstance(answer.body, bytes)
    assert b"no such column" in answer.body
    assert b"Traceback" not in answer.body
    assert "Traceback" in capsys.readouterr().out


def test_for_sagemaker_inference_its_error_answers_with_its_own_status_and_message_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(MODULES)])
    from sagemaker_inference.errors import BaseInferenceToolkitError

    def refuses(*_: Any) -> None:
        raise BaseInferenceToolkitError(422, "row 3: age", "Unprocessable Entity")

    answer = ask(handlers(InferenceHandlers, refuses))
    assert (answer.status, answer.body) == (422, b"row 3: age")
