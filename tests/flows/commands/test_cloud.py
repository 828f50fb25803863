"""`vishwaops up`, `down`, `status` and `env`, in this process; tests/offline_cloud has their processes."""

from pathlib import Path

import pytest

from config import settings
from flows.commands.cloud import show_status
from flows.commands.main import main
from offline_cloud import Cloud, ServiceStatus, Status
from tests.conftest import run_folder

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def running(cloud: Cloud, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The run's cloud, used by the command line."""
    monkeypatch.setattr(settings, "CLOUD", pytestconfig.stash[run_folder] / "cloud")
    return cloud


def test_a_running_cloud_is_shown_with_its_services(running: Cloud, capsys: Printed) -> None:
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    titles = [line[:16].strip() for line in lines if line[:16].strip()]
    assert sorted(titles) == ["LocalStack", "SageMaker local"]
    assert all(f"{url}  answers, pid " in "\n".join(lines) for url in running.urls.values())


def test_env_prints_what_a_shell_can_read(running: Cloud, capsys: Printed) -> None:
    assert main(["env"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"export AWS_ENDPOINT_URL_SAGEMAKER={running.urls['sagemaker']}" in lines
    assert all(line.startswith(("export ", "unset ")) for line in lines)


def test_a_service_that_does_not_answer_is_shown_with_its_log_and_its_note(capsys: Printed) -> None:
    service = ServiceStatus("sagemaker", "SageMaker local", 7, "http://h:1", False, 3 * 2**30, Path("/s.log"), "a note")
    assert show_status(Status(True, 1.0, (service,)))
    assert capsys.readouterr().out.splitlines() == [
        "SageMaker local  http://h:1  does not answer, pid 7, 3,072 MB",
        f"{'':16} /s.log",
        f"{'':16} a note",
    ]


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("", "The offline cloud is not running.\n"),
        ("Its disk is full.", "The offline cloud is not running. Its disk is full.\n"),
    ],
)
def test_a_cloud_that_does_not_run_is_shown_with_why_the_last_one_failed(
    error: str, shown: str, capsys: Printed
) -> None:
    assert not show_status(Status(False, None, (), error))
    assert capsys.readouterr().out == shown


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cloud, and no environment of LocalStack to start one with."""
    monkeypatch.setattr(settings, "CLOUD", tmp_path / "cloud")
    monkeypatch.setattr(settings, "LOCALSTACK_ENV", tmp_path / "localstack-env")


def test_without_localstack_s_environment_the_error_names_the_command_that_builds_it(
    nowhere: None, capsys: Printed
) -> None:
    assert main(["up"]) == 1
    assert "make setup" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "status", "shown"),
    [("down", 0, "The offline cloud was not running.\n"), ("status", 1, "The offline cloud is not running.\n")],
)
def test_down_and_status_without_a_cloud_report_it(
    nowhere: None, command: str, status: int, shown: str, capsys: Printed
) -> None:
    assert main([command]) == status
    assert capsys.readouterr().out == shown


def test_env_without_a_cloud_gives_the_command_that_starts_one(nowhere: None, capsys: Printed) -> None:
    assert main(["env"]) == 1
    assert "Start it with `vishwaops up`" in capsys.readouterr().err
