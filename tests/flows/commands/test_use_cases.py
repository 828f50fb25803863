"""`vishwaops use-cases` and `vishwaops suite`."""

import json
from pathlib import Path

import pytest

from config import settings
from config.use_case import load_use_case, use_case_names
from flows.commands.main import main


def test_each_use_case_is_a_line_with_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["use-cases"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name:<22} {load_use_case(name).question}" for name in use_case_names()]


def test_a_suite_is_built_again_as_it_ships_and_its_path_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = settings.EXPECTATIONS
    monkeypatch.setattr(settings, "EXPECTATIONS", tmp_path)
    assert main(["suite", "--use-case", "cake_popularity", "--use-case", "student_grades"]) == 0
    built = [tmp_path / f"{name}.json" for name in ("cake_popularity", "student_grades")]
    assert capsys.readouterr().out.splitlines() == [str(path) for path in built]
    for path in built:
        assert json.loads(path.read_text()) == json.loads((shipped / path.name).read_text())


def test_an_unknown_use_case_gets_no_suite(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suite", "--use-case", "student_sleep"]) == 1
    assert "use case: expected one of cake_popularity" in capsys.readouterr().err
