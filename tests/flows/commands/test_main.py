import os
from pathlib import Path

import pytest

from flows.commands.main import main
from offline_cloud import Cloud
from tests.flows.conftest import PROJECT, Command, vishwaops


def test_an_error_is_explained_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "lifecycle", "--use-case", "student_sleep"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("vishwaops: use case: expected one of cake_popularity")
    assert "Traceback" not in said


def test_a_source_without_a_column_stops_the_flow_and_names_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "respondent,age,sweet_tooth,favourite_fruit,pocket_money,flavour\n1,12,3,none,2,lemon\n"
    )
    status, output = command("run", "ingest", "--use-case", "cake_popularity", "--source", f"{tmp_path}/rows.csv")
    assert status == 1
    assert "lacks 1 column(s): expected 'drinks_coffee'" in output
    assert "Traceback" not in output


def test_the_error_for_a_stopped_cloud_has_the_commands_to_start_it(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (name for name in cloud.environment if name.startswith("AWS_ENDPOINT_URL")):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    status, output = vishwaops("predict", "--use-case", "cake_popularity", "--input", "rows.csv")
    assert status == 1
    assert 'vishwaops up && eval "$(vishwaops env)"' in output


def test_without_an_account_the_error_of_the_aws_profile_asks_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (name for name in os.environ if name.startswith("AWS_")):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    status, output = vishwaops("run", "ingest", "--use-case", "cake_popularity", "--profile", "aws")
    assert status == 1
    assert "expected valid credentials for AWS, found: Unable to locate credentials" in output
    assert "Sign in" in output
    assert "Traceback" not in output


def test_every_command_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text()
    for command in (
        "up",
        "platform",
        "down",
        "status",
        "env",
        "run lifecycle",
        "predict",
        "champion",
        "promote",
        "plan-cost",
        "suite",
        "use-cases",
    ):
        assert f"vishwaops {command}" in readme, command
