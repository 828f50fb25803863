"""SAGEMAKER_LOCAL_PYTHONPATH: modules that every Python in a job or container finds, such as the network guard."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sagemaker_local.support import INFERENCE

GUARD = Path(__file__).parents[1] / "network_guard" / "sitecustomize.py"
LEAVE = "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)\n"


@pytest.fixture
def guarded(start_server: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server whose jobs have a guard with a separate record, so that the run does not fail."""
    (tmp_path / "guard").mkdir()
    shutil.copy(GUARD, tmp_path / "guard")
    monkeypatch.setenv("SAGEMAKER_LOCAL_PYTHONPATH", str(tmp_path / "guard"))
    return start_server().bench


def test_the_guard_holds_in_jobs_and_endpoints(guarded: Any, tmp_path: Path) -> None:
    job = guarded.train(LEAVE)
    assert job["TrainingJobStatus"] == "Failed"
    lines = guarded.printed("/aws/sagemaker/TrainingJobs", job["TrainingJobName"])
    assert any("192.0.2.1:80 was refused" in line for line in lines)
    guarded.endpoint(guarded.config(all=(guarded.model(script=LEAVE + INFERENCE), 1.0)))
    assert (tmp_path / "guard" / "refusals.txt").read_text().count("192.0.2.1:80") >= 2
