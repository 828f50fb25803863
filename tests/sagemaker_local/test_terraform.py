"""Terraform as a client: apply, a plan with no change, an endpoint that answers, destroy."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_cloud import Cloud
from tasks.platform.terraform import ATTACHED
from tests.sagemaker_local.support import BUCKET, INFERENCE, Bench, archive, everything, unique

STACK = Path(__file__).with_name("terraform_stack")
PROVIDER = "registry.terraform.io/hashicorp/aws"
_ROOTS = ("~/.terraform.d/plugins", "/usr/share/terraform", "/usr/local/share/terraform", "/opt")


def mirror() -> Path | None:
    """The folder of a filesystem mirror that has the AWS provider, or None."""
    named = os.environ.get("TF_PLUGIN_MIRROR")
    for root in [Path(named)] if named else [Path(root).expanduser() for root in _ROOTS]:
        for depth in ("", "*/", "*/*/"):
            for found in sorted(root.glob(f"{depth}{PROVIDER}")):
                return found.parents[2]
    return None


MIRROR = mirror()
pytestmark = [
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine"),
    pytest.mark.skipif(MIRROR is None, reason=f"no filesystem mirror of {PROVIDER} is on this machine"),
]


class Terraform:
    """Terraform in its own folder, with the offline cloud's environment and without a registry."""

    def __init__(self, cloud: Cloud, folder: Path, **variables: str) -> None:
        shutil.copy(STACK / "main.tf", folder)
        settings = folder / "terraform.rc"
        settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n')
        ours = {"TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        values = {f"TF_VAR_{name}": value for name, value in variables.items()}
        own = {name: value for name, value in os.environ.items() if name != ATTACHED}  # a provider of its own
        self._environment = {**own, **cloud.environment, **ours, **values}
        self._folder = folder

    def has_resources(self) -> bool:
        state = self._folder / "terraform.tfstate"
        return state.exists() and bool(json.loads(state.read_text())["resources"])

    def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in codes, (
            f"terraform {words[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout


@pytest.fixture
def stack(cloud: Cloud, bench: Bench, tmp_path: Path) -> Iterator[tuple[str, Terraform]]:
    name = unique("tf")
    bench.put(f"{name}/model.tar.gz", archive(slope_json="3.0", code__inference=INFERENCE))
    terraform = Terraform(cloud, tmp_path, name=name, bucket=BUCKET)
    terraform.run("init", "-input=false")
    yield name, terraform
    if terraform.has_resources():
        terraform.run("destroy", "-auto-approve", "-input=false", "-parallelism=20")


def test_terraform_applies_sees_no_change_and_destroys(bench: Bench, stack: tuple[str, Terraform]) -> None:
    name, terraform = stack
    terraform.run("apply", "-auto-approve", "-input=false", "-parallelism=20")
    plan = terraform.run("plan", "-detailed-exitcode", "-input=false", codes=(0, 2))
    assert "No changes." in plan, plan
    assert bench.invoke(name, "2") == "6.0"
    group = bench.sagemaker.describe_feature_group(FeatureGroupName=name)
    assert group["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Weeks", "Value": 4}
    server = bench.sagemaker.describe_mlflow_tracking_server(TrackingServerName=name)
    assert (server["TrackingServerStatus"], server["IsActive"]) == ("Created", "Active")
    tags = bench.sagemaker.list_tags(ResourceArn=group["FeatureGroupArn"])["Tags"]
    assert tags == [{"Key": "owner", "Value": "tests"}]

    terraform.run("destroy", "-auto-approve", "-input=false", "-parallelism=20")
    for summaries in (
        everything(bench.sagemaker, "list_endpoints", NameContains=name),
        everything(bench.sagemaker, "list_endpoint_configs", NameContains=name),
        everything(bench.sagemaker, "list_models", NameContains=name),
        everything(bench.sagemaker, "list_feature_groups", NameContains=name),
        everything(bench.sagemaker, "list_model_package_groups", NameContains=name),
        bench.sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"],
    ):
        assert summaries == []
