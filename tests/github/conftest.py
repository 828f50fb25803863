"""Stand-ins for the commands that only GitHub's machines and AWS have."""

import os
from pathlib import Path

import pytest


class Commands:
    """Commands on a path of their own; each keeps what it was called with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def add(self, name: str, answer: str = "") -> None:
        """`answer` is shell: what the command does after it has kept its arguments and its input."""
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
