"""With relocated paths, a script that writes to the machine's own /opt/ml fails or is detected."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sagemaker_local.container.isolation import landlock
from sagemaker_local.sandbox import Sandbox
from tests.isolations import WITH_OWN_ML
from tests.sagemaker_local.sandbox.conftest import Box

INIT = Path(sys.modules[Sandbox.__module__].__file__ or "").parents[1] / "container" / "init.py"
needs_landlock = pytest.mark.skipif(not landlock.works(), reason="a kernel with Landlock is not on this machine")
GUARDED = """
import os, subprocess, sys
line = [sys.executable, "-IS", {init!r}, str(os.getpid()), "watch", "ml={ml}", "guard={guard}", "--"]
sys.exit(subprocess.call([*line, "/bin/sh", "-c", {script!r}]))
"""


@needs_landlock
def test_the_machines_opt_ml_can_not_be_written(relocated: Box, machine: Callable[[], list[str]]) -> None:
    before, workspace = machine(), relocated.workspace()
    script = "mkdir -p /opt/ml/model && echo x > /opt/ml/model/weights || exit 3"
    code, output = relocated.run(script, workspace)
    assert code == 3
    assert "/opt/ml" in output
    assert machine() == before


@needs_landlock
def test_everything_else_can_be_written_and_moved_as_before(relocated: Box, tmp_path: Path) -> None:
    script = f"mkdir a && echo x > a/b && ln a/b {tmp_path}/c && ln {tmp_path}/c $ML/d && echo > /dev/null; : > d"
    workspace = relocated.workspace()
    assert relocated.run(script, workspace) == (0, "")
    assert (workspace.ml / "d").read_bytes() == b""


@pytest.fixture
def guarded(tmp_path: Path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """Runs a script with relocated paths, on a machine whose /opt/ml belongs to the test."""
    if "namespaces" not in WITH_OWN_ML:
        pytest.skip("it needs an /opt/ml that may be written to: namespaces do not work on this machine")
    box = Box(Sandbox("namespaces"), tmp_path)

    def run(guard: str, script: str) -> subprocess.CompletedProcess[str]:
        workspace = box.workspace()
        (workspace.ml / "model").mkdir()
        (workspace.ml / "model" / "old").touch()
        (workspace.root / "output").mkdir()
        code = GUARDED.format(init=str(INIT), ml=workspace.root, guard=guard, script=script)
        process = box.sandbox.start([sys.executable, "-ISc", code], workspace, {}, directory="/opt/ml")
        output = process.output.read().decode()
        failure = workspace.root / "output" / "failure"
        reason = failure.read_text() if failure.exists() else ""
        return subprocess.CompletedProcess([], process.wait(), output, reason)

    return run


@pytest.mark.parametrize("script", ["echo x > /opt/ml/model/new", "echo x > /opt/ml/model/old", "mkdir /opt/ml/made"])
def test_where_it_can_not_be_forbidden_it_fails_the_job_with_a_reason(
    guarded: Callable[[str, str], subprocess.CompletedProcess[str]], script: str
) -> None:
    done = guarded("compare", script)
    assert done.returncode == 1
    assert done.stderr.startswith("/opt/ml")
    assert "of this machine was written to while this ran" in done.stderr
    assert done.stderr in done.stdout


def test_a_script_that_leaves_it_alone_is_not_blamed(
    guarded: Callable[[str, str], subprocess.CompletedProcess[str]],
) -> None:
    done = guarded("compare", "cat /opt/ml/model/old; exit 0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_landlock
@pytest.mark.parametrize(
    "script",
    ["echo x > /opt/ml/model/new", "echo x > /opt/ml/model/old", "rm /opt/ml/model/old", "mv /opt/ml/model /tmp/x"],
)
def test_an_opt_ml_that_is_there_is_neither_added_to_nor_changed_nor_emptied(
    guarded: Callable[[str, str], subprocess.CompletedProcess[str]], script: str
) -> None:
    done = guarded("landlock", f"{script} 2>/dev/null || exit 9; exit 0")
    assert done.returncode == 9, done.stdout
