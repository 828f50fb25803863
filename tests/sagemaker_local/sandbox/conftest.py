"""A sandbox of each isolation that this machine allows, and short programs to run in it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sagemaker_local.sandbox import Identity, Process, Sandbox, Workspace
from tests.isolations import OFFERED, WITH_OWN_ML
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Box:
    """Runs shell scripts in one isolation."""

    sandbox: Sandbox
    folder: Path

    def workspace(self) -> Workspace:
        return Workspace.make(self.folder, "job")

    def start(
        self, script: str, workspace: Workspace, *, network: bool = True, identity: Identity | None = None
    ) -> Process:
        """The script reads its /opt/ml from $ML."""
        ml = self.sandbox.ml(workspace)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ML": ml}
        command = ["/bin/sh", "-c", script]
        return self.sandbox.start(command, workspace, environment, directory=ml, network=network, identity=identity)

    def run(
        self,
        script: str,
        workspace: Workspace | None = None,
        *,
        network: bool = True,
        identity: Identity | None = None,
    ) -> tuple[int, str]:
        """Exit code and output."""
        process = self.start(script, workspace or self.workspace(), network=network, identity=identity)
        output = process.output.read().decode()
        return process.wait(PATIENCE), output


@pytest.fixture(params=OFFERED)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    """For every isolation that works here."""
    return Box(Sandbox(request.param), tmp_path)


@pytest.fixture(params=WITH_OWN_ML)
def own_ml(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    """For every isolation that works here and gives a process its own /opt/ml."""
    return Box(Sandbox(request.param), tmp_path)


@pytest.fixture
def relocated(tmp_path: Path) -> Box:
    return Box(Sandbox("relocated paths"), tmp_path)


@pytest.fixture
def machine() -> Callable[[], list[str]]:
    """What this machine has at /opt and /opt/ml."""
    return lambda: sorted(str(path) for folder in ("/opt", "/opt/ml") for path in Path(folder).glob("*"))
