import os
import subprocess
import sys
from pathlib import Path

from config import settings


def test_every_folder_of_the_project_that_is_named_exists() -> None:
    assert (settings.PROJECT / "pyproject.toml").is_file()
    for folder in (settings.USE_CASES, settings.PROFILES, settings.EXPECTATIONS, settings.SCRIPTS):
        assert folder.is_dir()
        assert folder.is_relative_to(settings.PROJECT)


def test_the_environment_variable_sets_the_state_folder_and_the_cloud_s_below_it(tmp_path: Path) -> None:
    program = "from config import settings as s; print(s.STATE); print(s.CLOUD); print(s.LOCALSTACK_ENV)"
    places = {"VISHWAOPS_STATE": str(tmp_path / "state"), "VISHWAOPS_LOCALSTACK_ENV": str(tmp_path / "env")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.PROJECT,
        env={**os.environ, **places},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [str(tmp_path / each) for each in ("state", "state/cloud", "env")]


def test_a_test_s_state_is_not_the_project_s() -> None:
    assert not settings.STATE.is_relative_to(settings.PROJECT)
