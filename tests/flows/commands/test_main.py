import os
from pathlib import Path

import pytest

from flows.commands import run
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


def test_prefects_logs_are_silent_unless_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for level in (levels := ("PREFECT_LOGGING_LEVEL", "PREFECT_INTERNAL_LOGGING_LEVEL")):
        monkeypatch.delenv(level, raising=False)
    run.quieten_prefect(verbose=True)
    assert not any(level in os.environ for level in levels)
    run.quieten_prefect(verbose=False)
    assert [os.environ[level] for level in levels] == ["CRITICAL", "CRITICAL"]


def test_the_use_cases_are_listed_with_their_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["use-cases"]) == 0
    assert "Will this young person go on to college?" in capsys.readouterr().out


def test_env_without_a_cloud_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env"]) == 1
    assert "Start it with `vishwaops up`" in capsys.readouterr().err


def test_down_and_status_without_a_cloud_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["down"]), main(["status"])) == (0, 1)
    assert "not running" in capsys.readouterr().out


def test_a_cloud_that_has_stopped_is_said_and_how_to_go_on(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (name for name in cloud.environment if name.startswith("AWS_ENDPOINT_URL")):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    status, output = vishwaops("predict", "--use-case", "cake_popularity", "--input", "rows.csv")
    assert status == 1
    assert 'vishwaops up && eval "$(vishwaops env)"' in output


def test_the_aws_profile_without_an_account_says_to_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (name for name in os.environ if name.startswith("AWS_")):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    status, output = vishwaops("run", "ingest", "--use-case", "cake_popularity", "--profile", "aws")
    assert status == 1
    assert "/vishwaops/dev: expected Systems Manager to return the parameters below it" in output
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
        "plan-cost",
        "suite",
        "use-cases",
    ):
        assert f"vishwaops {command}" in readme, command


def test_the_platform_is_seeded_unless_terraform_is_requested(bucket: str) -> None:
    status, output = vishwaops("platform")
    assert (status, "platform  exists already" in output) == (0, True)


def test_terraform_is_refused_on_a_seeded_cloud(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "terraform").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "terraform").chmod(0o755)
    (tmp_path / ".terraform.d" / "plugins" / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path))
    status, output = vishwaops("platform", "--with", "terraform")
    assert status == 1
    assert "made from the seed. Start an empty one: vishwaops down && vishwaops up" in output


def test_a_platform_by_terraform_without_terraform_says_what_is_missing_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["platform", "--with", "terraform"]) == 1
    said = capsys.readouterr()
    assert "Terraform is not on this machine. Without it: vishwaops platform --with seed" in said.err
    assert "Starting" not in said.out
