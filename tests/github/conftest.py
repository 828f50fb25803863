"""Fakes of commands that are only on GitHub's machines, or that need AWS."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run_folder
from tests.github.ecs_deployment import deploy
from tests.shared_results import made_once


class Commands:
    """Commands in a separate folder of the path. They record their arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def add(self, name: str, answer: str = "") -> None:
        """`answer` is the shell code that runs after the command has recorded its arguments."""
        path = self.folder / name
        path.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> {self.folder}/calls\n{answer}\n')
        path.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Commands(folder)


@pytest.fixture(scope="session")
def deployed(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The deployments on a Prefect server, made once for all workers."""
    from tests.github.test_work_pool import IMAGE, VALUES

    def made() -> dict[str, Any]:
        return deploy(tmp_path_factory.mktemp("prefect"), VALUES, "old:1", IMAGE)

    return dict(made_once(pytestconfig.stash[run_folder] / "deployed", made))
