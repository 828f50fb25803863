"""Ctrl-C: at a flow whose jobs would never end, and before anything runs."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.flows.conftest import PROJECT, start
from tests.patience import PATIENCE, until
from tests.use_cases import content

CASE = "cake_popularity"
INTERRUPTED_IMPORT = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "pydantic":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
from flows.commands.entry_point import main
sys.exit(main())
"""


@pytest.fixture
def endless_case(tmp_path: Path) -> Path:
    """The small use case with training jobs that end only when they are stopped."""
    endless = {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 10_000_000}}
    candidates = [{"name": name, **endless} for name in ("first", "second")]
    path = tmp_path / "cake_endless.yaml"
    path.write_text(yaml.safe_dump({**content(CASE), "name": path.stem, "candidates": candidates}))
    return path


def test_an_interrupted_flow_stops_its_jobs_and_ends(prefect: str, endless_case: Path) -> None:
    client = boto3.client("sagemaker", region_name="us-east-1")
    process = start("run", "lifecycle", "--use-case", str(endless_case))
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "second" in line and "starts" in line:
            until(lambda: in_progress(client))
            process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert "stopping; what runs in SageMaker is stopped as well" in "".join(said)
    names = re.findall(r"cake-endless-\w+-[0-9-]+-[0-9a-f]{4}(?= starts)", "".join(said))
    assert names
    for name in names:
        ended = until(lambda: status_of(client, name), lambda status: status not in ("InProgress", "Stopping"))  # noqa: B023
        assert ended == "Stopped"


def in_progress(client: Any) -> list[Any]:
    """The use case's training jobs that run."""
    found = client.list_training_jobs(NameContains="cake-endless", StatusEquals="InProgress")
    return list(found["TrainingJobSummaries"])


def status_of(client: Any, name: str) -> str:
    """The status of a training job; one that was never created counts as stopped."""
    try:
        return str(client.describe_training_job(TrainingJobName=name)["TrainingJobStatus"])
    except client.exceptions.ClientError as error:
        assert "not found" in str(error)
        return "Stopped"


def test_ctrl_c_while_modules_are_imported_ends_in_a_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (ended.returncode, ended.stderr) == (130, "vishwaops: interrupted\n")
