"""The bootstrap's state moves into the bucket that it creates: on LocalStack, with a root that is only a bucket."""

import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from config.errors import TerraformFailed
from offline_cloud import Cloud
from tasks import clients
from tasks.platform import terraform, terraform_bootstrap
from tasks.platform.terraform_bootstrap import OVERRIDE, Bootstrap, local_state

ROOT = """
terraform {
  backend "s3" {
    use_lockfile = true
  }
}

variable "state_bucket" {}
variable "account_id" {}
variable "tag" { default = "first" }

resource "terraform_data" "bucket" {
  input = var.state_bucket

  provisioner "local-exec" {
    command = "PYTHON create.py ${self.input}"
  }

  provisioner "local-exec" {
    when    = destroy
    command = "PYTHON delete.py ${self.input}"
  }
}

resource "terraform_data" "tag" {
  input = var.tag
}
""".replace("PYTHON", sys.executable)
"""A root that creates the bucket without the AWS provider, whose start takes seconds in each of a dozen commands."""
CREATE = "import boto3, sys; boto3.client('s3').create_bucket(Bucket=sys.argv[1])"
DELETE = "import boto3, sys; b = boto3.resource('s3').Bucket(sys.argv[1]); b.objects.delete(); b.delete()"
BACKEND = """
bucket = "{bucket}"
key    = "vishwaops-test/terraform.tfstate"
region = "us-east-1"

use_path_style = true
"""
KEY = "vishwaops-test/bootstrap.tfstate"

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> str:
    return f"state-of-{abs(hash(request.node.name)) % 10**8}"


@pytest.fixture
def sources(tmp_path: Path, bucket: str) -> Path:
    """Terraform's sources with an environment and a small root bootstrap."""
    sources = tmp_path / "terraform"
    settings = sources / "environments" / "test"
    settings.mkdir(parents=True)
    (sources / "bootstrap").mkdir()
    for name, text in (("main.tf", ROOT), ("create.py", CREATE), ("delete.py", DELETE)):
        (sources / "bootstrap" / name).write_text(text)
    (settings / "backend.hcl").write_text(BACKEND.format(bucket=bucket))
    (settings / "environment.tfvars").write_text(f'state_bucket = "{bucket}"\naccount_id = "000000000000"\n')
    return sources


def bootstrap(sources: Path, machine: Path, cloud: Cloud) -> Bootstrap:
    """The bootstrap on a machine of its own: another checkout, another local file."""
    checkout = machine / "terraform"
    if checkout != sources:
        shutil.copytree(sources, checkout, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform"))
    local = machine / "test.tfstate"
    return Bootstrap(checkout, "test", local, terraform.write_cli_config(machine), {**os.environ, **cloud.environment})


def stored(bucket: str) -> dict[str, object]:
    body = clients.s3().get_object(Bucket=bucket, Key=KEY)["Body"].read()
    state: dict[str, object] = json.loads(body)
    return state


@needs_terraform
def test_the_state_moves_into_the_bucket_where_a_second_administrator_finds_it(
    cloud: Cloud, sources: Path, bucket: str, tmp_path: Path
) -> None:
    first, second = bootstrap(sources, tmp_path, cloud), bootstrap(sources, tmp_path / "second", cloud)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bootstrap, "_move_to_the_bucket", interrupt)
        with pytest.raises(KeyboardInterrupt):
            first.apply()
    with pytest.raises(TerraformFailed, match=rf"s3://{bucket}/{KEY}: .*because the bucket exists; found none"):
        second.apply()

    first.apply()  # continues
    before = stored(bucket)
    assert before["resources"]
    assert [path.name for path in tmp_path.rglob("*tfstate*") if ".terraform" not in path.parts] == []
    assert not (sources / "bootstrap" / OVERRIDE).exists()

    root = second.source / "bootstrap" / "main.tf"
    root.write_text(root.read_text().replace('"first"', '"second"'))
    second.apply()
    after = stored(bucket)
    assert (after["lineage"], int(str(after["serial"])) > int(str(before["serial"]))) == (before["lineage"], True)
    assert '"second"' in json.dumps(after["resources"])

    second.destroy()
    assert bucket not in [each["Name"] for each in clients.s3().list_buckets()["Buckets"]]


@needs_terraform
def test_a_local_state_is_destroyed_too(cloud: Cloud, sources: Path, bucket: str, tmp_path: Path) -> None:
    local = bootstrap(sources, tmp_path, cloud)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bootstrap, "_move_to_the_bucket", lambda self: None)
        local.apply()
    assert local.local.exists()
    local.destroy()
    assert not local.local.exists()
    assert bucket not in [each["Name"] for each in clients.s3().list_buckets()["Buckets"]]


def interrupt(self: Bootstrap) -> None:
    raise KeyboardInterrupt


class Forbidden(BaseHTTPRequestHandler):
    """S3, for a bucket of another account. LocalStack does not compare the expected owner."""

    def do_HEAD(self) -> None:
        self.send_response(403)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_bucket_of_another_account_is_refused(
    sources: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Forbidden) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with pytest.raises(
            TerraformFailed, match=rf"s3://{bucket}: expected no bucket, or one of the account 0+; found"
        ):
            Bootstrap(sources, "test", tmp_path / "test.tfstate", tmp_path / "rc", {}).apply()
        server.shutdown()


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_make_clean_deletes_no_state_of_an_account(environment: str) -> None:
    clean = subprocess.run(
        ["make", "--dry-run", "clean"], cwd=terraform.SOURCE.parent, text=True, capture_output=True, check=True
    ).stdout
    (removed,) = [line.split()[2:] for line in clean.splitlines() if line.startswith("rm -rf")]
    state = local_state(environment).relative_to(terraform.SOURCE.parent)
    assert [folder for folder in removed if state.is_relative_to(folder)] == []
    ignored = subprocess.run(["git", "check-ignore", "-q", state], cwd=terraform.SOURCE.parent).returncode
    assert ignored == 0


def test_a_failed_command_is_named(
    sources: Path, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    with pytest.raises(TerraformFailed, match="terraform init of terraform/bootstrap failed for test"):
        bootstrap(sources, tmp_path, cloud).apply()


def test_an_unknown_environment_ends_the_command_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="ENV: expected one of dev, offline, prod; found 'deb'"):
        terraform_bootstrap.main("apply", "deb")
