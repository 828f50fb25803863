"""The folders of one job or container, and its name on the network."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

ML = "/opt/ml"


@dataclass(frozen=True)
class Workspace:
    """The folder of one job or container: `ml` becomes its /opt/ml; `home` and `tmp` are also its own."""

    root: Path

    @classmethod
    def make(cls, parent: Path, name: str) -> Workspace:
        """A new folder. `name` comes from a checked request and holds no separators."""
        root = parent / f"{name}-{uuid4().hex[:8]}"
        for folder in ("ml", "home", "tmp"):
            (root / folder).mkdir(parents=True)
        return cls(root)

    @property
    def ml(self) -> Path:
        return self.root / "ml"

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


@dataclass(frozen=True)
class Identity:
    """A process on the network: its host name, and the file that it sees as /etc/hosts."""

    hostname: str
    names: Path


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of one process."""

    workspace: Workspace
    directory: str
    """Its working directory, as it sees it."""
    network: bool = True
    identity: Identity | None = None
