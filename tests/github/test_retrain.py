"""The script of the workflow `retrain`, with a command that only prints its arguments."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PRINTED = re.compile(r"<prefect><deployment><run><(.+?)><--params><(.+)>")


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    (tools / "vishwaops").write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    (tools / "vishwaops").chmod(0o755)
    (tools / "python").symlink_to(sys.executable)
    (folder / "config").symlink_to(PROJECT / "config")
    known = {"ENVIRONMENT": "dev", "PREFECT_API_URL": "https://api.prefect.cloud/api", "GITHUB_ACTOR": "ada"}
    given = {"USE_CASE": "", "REASON": "", "TAG": "", **known, **environment}
    return subprocess.run(
        [PROJECT / ".github" / "retrain.sh"], cwd=folder, env={**os.environ, **given}, text=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"USE_CASE": "student_grades", "REASON": 'the "new" rows; touch stolen'}, 'the "new" rows; touch stolen'),
        ({"USE_CASE": "student_grades", "TAG": "2026-03"}, "a version of the data set was tagged 2026-03"),
    ],
)
def test_a_person_and_a_tagged_data_set_start_the_deployment_with_the_reason(
    tmp_path: Path, given: dict[str, str], reason: str
) -> None:
    done = run(tmp_path, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    found = PRINTED.fullmatch(done.stdout)
    assert found
    assert found[1] == "retrain/student-grades-retrain"
    assert json.loads(found[2]) == {"reason": f"{reason} (ada, on GitHub)"}
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"USE_CASE": "--help"}, "Expected a name in config/use_cases/, found '--help'"),
        ({"USE_CASE": "../x"}, "found '../x'"),
        ({"USE_CASE": "student_marks"}, "Expected a name in config/use_cases/, found student_marks"),
        ({"USE_CASE": "student_grades", "PREFECT_API_URL": ""}, "has no secret PREFECT_API_URL"),
    ],
)
def test_what_names_no_use_case_or_no_server_is_refused(tmp_path: Path, given: dict[str, str], message: str) -> None:
    done = run(tmp_path, **given)
    assert done.returncode == 1
    assert done.stdout.startswith("::error::")
    assert message in done.stdout
    assert "deployment" not in done.stdout
