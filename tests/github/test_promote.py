"""The script of the workflow `promote`, with a command that only prints its arguments."""

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ARN = "arn:aws:sagemaker:us-east-1:111111111111:model-package/student-grades/3"


def run(folder: Path, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    command = folder / ".venv" / "bin" / "vishwaops"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f'#!/bin/sh\nprintf "<%s>" "$@"\nexit {status}\n')
    command.chmod(0o755)
    known = {"USE_CASE": "student_grades", "SOURCE": ARN, "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    return subprocess.run(
        [PROJECT / ".github" / "promote.sh"],
        cwd=folder,
        env={**os.environ, **known, **environment},
        text=True,
        capture_output=True,
    )


@pytest.mark.parametrize(("approve", "end"), [("true", "<--approve>"), ("false", "")])
def test_the_inputs_are_arguments_and_the_run_s_page_shows_the_output(tmp_path: Path, approve: str, end: str) -> None:
    done = run(tmp_path, APPROVE=approve)
    expected = f"<promote><--profile><aws><--use-case><student_grades><--from><{ARN}>{end}"
    assert (done.returncode, done.stdout) == (0, expected)
    assert (tmp_path / "summary").read_text() == expected


def test_a_refusal_fails_the_job_and_an_input_is_never_a_command(tmp_path: Path) -> None:
    done = run(tmp_path, status=1, APPROVE="false", SOURCE="x; touch stolen")
    assert (done.returncode, "<x; touch stolen>" in done.stdout) == (1, True)
    assert not (tmp_path / "stolen").exists()
