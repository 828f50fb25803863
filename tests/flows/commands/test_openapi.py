"""`vishwaops openapi`."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from flows.commands.main import main


def test_the_interface_of_a_use_case_s_model_is_printed_or_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["openapi", "--use-case", "student_dropout"]) == 0
    printed = json.loads(capsys.readouterr().out)
    validate(printed)
    assert printed["info"]["title"] == "student_dropout"
    assert main(["openapi", "--use-case", "student_dropout", "--output", str(tmp_path / "openapi.json")]) == 0
    assert json.loads((tmp_path / "openapi.json").read_text()) == printed
    assert not capsys.readouterr().out


def test_an_unknown_use_case_is_an_error_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--use-case", "absent"]) == 1
    assert "absent" in capsys.readouterr().err
