"""`vishwaops approve`, `reject`, `release status`, `rollback` and `retire`, with a separate use case in a YAML file."""

from pathlib import Path

import pytest
import yaml

from config.use_case import UseCase
from tasks import champion
from tests.flows.conftest import Command
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture
def case(prefect: str) -> UseCase:
    return releasing(new_use_case(), approval="manual")


@pytest.fixture
def file(case: UseCase, tmp_path: Path) -> str:
    """The use case's YAML file."""
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
    return str(path)


def test_a_person_approves_and_the_status_shows_the_champion(case: UseCase, file: str, command: Command) -> None:
    version = str(new_release(case, 0.8).version)
    chosen = ("--use-case", file, "--version", version, "--reason", "it is fair")
    status, output = command("approve", *chosen, "--by", "Ada")
    assert status == 0
    assert f"{case.name}: version 1 is Approved; it is the champion now" in output
    assert f"vishwaops run lifecycle --use-case {file}" in output.replace("\n", "")
    now = champion.read(case)
    assert now
    assert now.reason == "approved by Ada: it is fair"
    status, output = command("release", "status", "--use-case", file)
    assert (status, "version 1" in output, "none" in output) == (0, True, True)
    status, output = command("reject", *chosen)
    assert (status, "which is Approved by a person: approved by Ada: it is fair" in output) == (1, True)


def test_without_an_earlier_champion_there_is_no_way_back(case: UseCase, file: str, command: Command) -> None:
    status, output = command("rollback", "--use-case", file)
    assert (status, "expected an earlier champion to return to, found no champion" in output) == (1, True)
    assert "Name a version with --to" in output


def test_where_nothing_serves_nothing_is_retired(case: UseCase, file: str, command: Command) -> None:
    assert command("retire", "--use-case", file) == (0, f"{case.name}: nothing serves it\n")
