"""The examples plan with a mocked provider."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.platform.terraform import SOURCE
from tasks.platform.terraform_plan import MOCKED, RUN
from tests.terraform.terraform_runs import copy_sources, planned_resources, terraform

TAGS = {"Project", "Environment", "Owner", "CostCentre", "DataClass", "ManagedBy"}
FILES = [SOURCE / "examples" / "complete" / f"{name}.tfvars" for name in ("environment", "platform")]


def plan(root: Path, cli_config: Path, *variables: str) -> list[dict[str, Any]]:
    """The resources that the root module plans for an empty account."""
    (root / f"{RUN}.tftest.hcl").write_text(MOCKED)
    initialised = terraform(
        root, cli_config, "init", "-backend=false", "-input=false", "-no-color", "-lockfile=readonly"
    )
    assert initialised.returncode == 0, initialised.stderr
    arguments = ("test", "-json", "-verbose", f"-filter={RUN}.tftest.hcl", *variables)
    return planned_resources(terraform(root, cli_config, *arguments).stdout, RUN)


@pytest.fixture(scope="module")
def copied(cli_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("examples"))


def test_minimal_plans_without_network_prefect_or_alarms(copied: Path, cli_config: Path) -> None:
    planned = plan(copied / "examples" / "minimal", cli_config, "-var=account_id=123456789012")
    kinds = Counter(each["type"] for each in planned)
    assert (kinds["aws_sagemaker_model_package_group"], kinds["aws_ecr_repository"]) == (1, 2)
    assert [kind for kind in kinds if re.search(r"_(vpc|subnet|ecs_\w+|db_\w+|cloudwatch_\w+|nat_\w+)$", kind)] == []
    lacking = [
        each["address"]
        for each in planned
        if "tags" in each["change"]["after"] and TAGS - set(each["change"]["after"]["tags"] or {})
    ]
    assert lacking == []


def test_complete_plans_and_has_no_placeholder(copied: Path, cli_config: Path) -> None:
    planned = plan(copied / "platform", cli_config, *(f"-var-file={file}" for file in FILES))
    kinds = {each["type"] for each in planned}
    assert {"aws_nat_gateway", "aws_db_instance", "aws_ecs_service", "aws_sagemaker_feature_group"} <= kinds


def test_complete_has_every_variable() -> None:
    variables = re.findall(r'^variable "(\w+)"', (SOURCE / "platform" / "variables.tf").read_text(), re.M)
    given = re.findall(r"^(\w+) +=", "\n".join(file.read_text() for file in FILES), re.M)
    assert sorted(given) == sorted(variables)


@pytest.mark.parametrize("root", ["bootstrap", "platform", "examples/minimal"])
def test_each_root_has_the_providers_digests_of_every_platform(root: str) -> None:
    lock = (SOURCE / root / ".terraform.lock.hcl").read_text()
    versions = (SOURCE / root / "versions.tf").read_text()
    (pinned,) = re.findall(r'source  = "hashicorp/aws"\n      version = "([\d.]+)"', versions)
    assert f'version     = "{pinned}"' in lock
    assert lock == (SOURCE / "platform" / ".terraform.lock.hcl").read_text()
    # The zips of the 14 platforms that HashiCorp publishes, the registry's manifest, and some unpacked providers.
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', lock)) == 15
    assert re.findall(r'"h1:\S{43}="', lock)
