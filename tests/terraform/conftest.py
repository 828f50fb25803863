"""Terraform on a copy of the sources, once per run."""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tasks.platform.terraform import write_cli_config
from tests.conftest import run_folder
from tests.shared_results import made_once
from tests.terraform.planned_roles import Identity, identity_of, plan_roles
from tests.terraform.terraform_runs import copy_sources


@pytest.fixture(scope="session")
def cli_config(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on this machine")
    request.getfixturevalue("aws_provider")
    return write_cli_config(tmp_path_factory.mktemp("terraform-cli"))


@pytest.fixture(scope="session")
def sources(cli_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def identity(pytestconfig: pytest.Config, sources: Path, cli_config: Path) -> Identity:
    """The roles that Terraform plans, planned once for all workers."""

    def made() -> dict[str, Any]:
        return asdict(plan_roles(sources / "modules" / "identity", cli_config))

    return identity_of(made_once(pytestconfig.stash[run_folder] / "identity", made))
