"""`vishwaops champion`, with a separate use case in a YAML file."""

from pathlib import Path

import pytest
import yaml

from config.use_case import UseCase
from tasks import champion
from tests.flows.conftest import Command, vishwaops
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture
def case(prefect: str) -> UseCase:
    return new_use_case()


@pytest.fixture
def file(case: UseCase, tmp_path: Path) -> str:
    """The use case's YAML file."""
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
    return str(path)


def test_the_versions_are_listed_with_status_metric_and_which_is_champion(
    case: UseCase, file: str, command: Command
) -> None:
    status, output = command("champion", "--use-case", file)
    assert (status, "no version is registered yet" in output) == (0, True)
    new_release(case, 0.8)
    new_release(case, 0.55, champion.read(case))
    status, output = command("champion", "--use-case", file)
    rows = {words[0]: words[1:] for line in output.splitlines() if (words := line.split()) and words[0] in ("1", "2")}
    assert status == 0
    assert rows["1"][:3] == ["Approved", "roc_auc", "0.8000"]
    assert "champion" in rows["1"]
    assert rows["2"][:3] == ["Rejected", "roc_auc", "0.5500"]
    assert "champion" not in rows["2"][3:6]
    assert "champion: version 1 since 20" in output


def test_set_moves_the_champion_and_shows_the_command_to_deploy_it(case: UseCase, file: str, command: Command) -> None:
    new_release(case, 0.8)
    new_release(case, 0.9, champion.read(case))
    status, output = command("champion", "--use-case", file, "--set", "1")
    assert status == 0
    assert f"{case.name}: the champion is now version 1 (before: version 2)" in output
    assert "The endpoint does not serve a version yet. To deploy version 1: vishwaops run deploy" in output
    now = champion.read(case)
    assert now
    assert (now.version, now.reason) == (1, "set by vishwaops champion --set")
    assert "version 1 is already the champion" in command("champion", "--use-case", file, "--set", "1")[1]


def test_a_version_that_can_not_be_champion_is_refused(case: UseCase, file: str, command: Command) -> None:
    new_release(case, 0.55)
    status, output = command("champion", "--use-case", file, "--set", "1")
    assert (status, "version 1, which is Rejected: roc_auc" in output) == (1, True)
    status, output = command("champion", "--use-case", file, "--set", "7")
    assert (status, "expected a version of the model package group" in output) == (1, True)
    assert champion.read(case) is None


def test_a_version_is_a_number(file: str, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command("champion", "--use-case", file, "--set", "newest")
    assert "expected a version, such as 3; found 'newest'" in capsys.readouterr().err


def test_it_starts_no_prefect_server(own_prefect: None, file: str) -> None:
    status, output = vishwaops("champion", "--use-case", file)
    assert (status, "no version is registered yet" in output) == (0, True)
    assert "prefect" not in output.lower()
