"""`vishwaops predict`: what it refuses before anything starts."""

from pathlib import Path

import pytest

from flows.commands.main import main


def test_answers_to_a_folder_that_is_not_there_are_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["predict", "--use-case", "cake_popularity", "--input", "rows.csv", "--output"]
    assert main([*arguments, str(tmp_path / "new" / "answers.csv")]) == 1
    assert "expected the folder" in capsys.readouterr().err
    assert main([*arguments, str(tmp_path)]) == 1
    assert "expected a file, found a folder" in capsys.readouterr().err
