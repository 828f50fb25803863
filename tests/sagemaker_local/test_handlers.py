"""The input of a serving script, and how its exceptions reach the caller: the toolkits' part, in process."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sagemaker_local.container.handlers import Handlers

MODULES = Path(__file__).parents[2] / "localstack" / "sagemaker_local" / "container" / "modules"
TOOLKITS = ("sagemaker-inference", "sagemaker-containers")


def handlers(toolkit: str, transform: Any) -> Handlers:
    script = ModuleType("script")
    script.__dict__.update(model_fn=lambda folder: None, transform_fn=transform)
    made = Handlers(script, toolkit)
    made.load("")
    return made


def seen(model: None, body: str | bytes, content_type: str, accept: str) -> tuple[str, str]:
    return repr(body), "text/plain"


@pytest.mark.parametrize("toolkit", TOOLKITS)
@pytest.mark.parametrize(
    ("content_type", "body", "given"),
    [
        ("text/csv", b"a", "'a'"),
        ("application/json", b"\xff", "'\ufffd'"),
        ("application/json", b"\xef\xbb\xbf1", "'\\ufeff1'"),
        ("text/csv; charset=utf-8", b"a", "b'a'"),
        ("application/x-npy", b"\xff", "b'\\xff'"),
    ],
)
def test_a_script_gets_text_for_a_bare_type_and_bytes_otherwise(
    toolkit: str, content_type: str, body: bytes, given: str
) -> None:
    answer = handlers(toolkit, seen).answer(body, content_type, "text/plain")
    assert (answer.status, answer.body) == (200, given.encode())


@pytest.mark.parametrize("toolkit", TOOLKITS)
def test_a_traceback_goes_to_the_log_and_never_to_the_caller(toolkit: str, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("no such column: \ud800")

    answer = handlers(toolkit, fails).answer(b"1", "text/csv", "text/plain")
    assert answer.status == 500
    assert isinstance(answer.body, bytes)
    assert b"no such column" in answer.body
    assert b"Traceback" not in answer.body
    assert "Traceback" in capsys.readouterr().out


def test_a_toolkit_error_answers_with_its_own_status_and_message_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(MODULES)])
    from sagemaker_inference.errors import BaseInferenceToolkitError

    def refuses(*_: Any) -> None:
        raise BaseInferenceToolkitError(422, "row 3: age", "Unprocessable Entity")

    answer = handlers("sagemaker-inference", refuses).answer(b"1", "text/csv", "text/plain")
    assert (answer.status, answer.body) == (422, b"row 3: age")
