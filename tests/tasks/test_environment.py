"""Telemetry is disabled before a library is imported, whichever entry runs; `config` alone changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import PROJECT
from tasks.environment import DEFAULTS, PRIVACY

RECORDER = """
import importlib, json, os, sys

class Recorder:
    at_import = {}

    def find_spec(self, name, path=None, target=None):
        if name in ("great_expectations", "mlflow", "prefect", "sagemaker", "whylogs"):
            self.at_import.setdefault(name, dict(os.environ))

before = dict(os.environ)
sys.meta_path.insert(0, Recorder())
for module in sys.argv[1:]:
    importlib.import_module(module)
print(json.dumps({"before": before, "at_import": Recorder.at_import, "after": dict(os.environ)}))
"""


def environments(state: Path, *modules: str, **variables: str) -> dict[str, Any]:
    """A new process's environment before and after it imports the modules, and when it first imports a library."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    run = subprocess.run(
        [sys.executable, "-c", RECORDER, *modules],
        cwd=PROJECT,
        env={**passed, "VISHWAOPS_STATE": str(state), **variables},
        text=True,
        capture_output=True,
        check=True,
    )
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def test_importing_config_changes_nothing(tmp_path: Path) -> None:
    modules = sorted(f"config.{path.stem}" for path in (PROJECT / "config").glob("*.py"))
    found = environments(tmp_path / "state", *(name for name in modules if "hyperparameter_table" not in name))
    assert found["after"] == found["before"]
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("entry", "libraries"),
    [
        ("flows.lifecycle", {"prefect"}),
        ("flows.commands.entry_point", set()),
        ("tasks.platform.seed", set()),
    ],
)
def test_an_entry_disables_telemetry_before_it_imports_a_library(
    entry: str, libraries: set[str], tmp_path: Path
) -> None:
    found = environments(tmp_path, entry)
    assert found["at_import"].keys() >= libraries
    assert PRIVACY.items() <= found["after"].items()
    for library, variables in found["at_import"].items():
        assert PRIVACY.items() <= variables.items(), library


def test_privacy_overrides_the_user_and_the_user_overrides_the_defaults(tmp_path: Path) -> None:
    found = environments(tmp_path, "tasks", DO_NOT_TRACK="false", MLFLOW_WORKERS="3")["after"]
    assert (found["DO_NOT_TRACK"], found["MLFLOW_WORKERS"]) == ("true", "3")
    others = {name: value for name, value in DEFAULTS.items() if name not in ("MLFLOW_WORKERS", "PREFECT_HOME")}
    assert others.items() <= found.items()
    assert found["PREFECT_HOME"] == str(tmp_path / "prefect")


def test_a_state_folder_that_can_t_be_created_is_not_an_error_of_the_import(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = environments(tmp_path / "file" / "state", "tasks")["after"]
    assert found["DO_NOT_TRACK"] == "true"


def test_this_run_is_prepared() -> None:
    assert {name: os.environ.get(name) for name in PRIVACY} == PRIVACY
