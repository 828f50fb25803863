"""The Dockerfile as data, without a Docker engine; and its push and deployment, with fake commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.conftest import Commands

PROJECT = Path(__file__).parents[2]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
LINES = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
REPOSITORY = "1.dkr.ecr.eu-north-1.amazonaws.com/vishwaops-dev"
FOLDERS = (".", "localstack", "sagemaker_scripts")
"""The folders of the packages, from pyproject.toml."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def instructions(name: str) -> list[str]:
    return [line.removeprefix(f"{name} ") for line in LINES if line.startswith(f"{name} ")]


def test_the_base_is_pinned_by_digest() -> None:
    assert [
        bool(re.fullmatch(r"python:3\.12\.\d+-\S+@sha256:[0-9a-f]{64}", base)) for base in instructions("FROM")
    ] == [True]


def test_it_does_not_run_as_root_and_only_root_writes_before() -> None:
    assert instructions("USER") == ["vishwaops"]
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN ")


def test_packages_come_from_the_lock_and_nothing_is_resolved() -> None:
    installs = [part for line in instructions("RUN") for part in line.split(" && ") if "pip install" in part]
    assert all("--no-deps" in part for part in installs)
    assert [part for part in installs if "--require-hashes -r requirements.lock" in part] == installs[:1]


def test_it_starts_on_a_read_only_root_with_tmp_to_write_to() -> None:
    environment = dict(part.split("=") for part in instructions("ENV")[0].split())
    assert {name for name, value in environment.items() if value.startswith("/tmp")} == {  # noqa: S108
        "HOME",
        "PREFECT_HOME",
        "VISHWAOPS_STATE",
    }
    assert instructions("VOLUME") == ['["/tmp"]']  # else ECS mounts a folder that only root may write to
    assert environment["DO_NOT_TRACK"] == "true"


def test_it_starts_what_terraform_s_worker_starts() -> None:
    command = 'command                = ["prefect", "worker", "start", "--pool", var.work_pool, "--type", "ecs"'
    assert command in (PROJECT / "terraform" / "modules" / "orchestration" / "worker.tf").read_text()
    assert instructions("CMD") == ['["prefect", "worker", "start", "--pool", "vishwaops", "--type", "ecs"]']
    assert "\nprefect-aws==" in (PROJECT / "requirements.lock").read_text()


def copied() -> list[str]:
    return [source for line in instructions("COPY") for source in line.split()[:-1]]


def test_only_what_is_copied_is_sent_to_the_build() -> None:
    ignore = (PROJECT / ".dockerignore").read_text().splitlines()
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied())
    assert all((PROJECT / source).exists() for source in copied())


def test_it_holds_no_secret() -> None:
    assert not re.search(r"(?i)secret|password|token|api_key|access_key", DOCKERFILE)
    assert "ARG" not in {line.split(" ")[0] for line in LINES}


def test_what_is_copied_is_enough_to_import_the_flows(tmp_path: Path) -> None:
    for source in copied():
        target = tmp_path / source
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (PROJECT / source).is_dir() else shutil.copy)(PROJECT / source, target)
    code = "import flows.lifecycle, flows.stages, config; from config.use_case import load_use_case; "
    code += "load_use_case('student_grades'); print(config.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ":".join(str(tmp_path / folder) for folder in FOLDERS)},
        text=True,
        capture_output=True,
    )
    assert done.stdout.strip() == str(tmp_path / "config" / "__init__.py"), done.stderr


def run(script: str, commands: Commands, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROJECT / ".github" / script],
        cwd=PROJECT,
        env={**commands.environment, "REPOSITORY": REPOSITORY, "GITHUB_SHA": COMMIT, **environment},
        text=True,
        capture_output=True,
    )


def test_the_image_is_pushed_under_its_commit(commands: Commands) -> None:
    commands.add("aws", '[ "$2" = get-login-password ] && echo word')
    commands.add("docker", '[ "$1" != login ] || [ "$(cat)" = word ]')
    done = run("push_image.sh", commands)
    assert done.returncode == 0, done.stderr
    assert [call for call in commands.calls if call.startswith("docker")] == [
        f"docker build --tag {REPOSITORY}:{COMMIT} --label org.opencontainers.image.revision={COMMIT} .",
        "docker login --username AWS --password-stdin 1.dkr.ecr.eu-north-1.amazonaws.com",
        f"docker push {REPOSITORY}:{COMMIT}",
        "docker logout 1.dkr.ecr.eu-north-1.amazonaws.com",
    ]


def test_a_repeated_run_does_not_push_a_tag_twice(commands: Commands) -> None:
    commands.add("aws")
    commands.add("docker")
    assert run("push_image.sh", commands).returncode == 0
    asked = f"aws ecr describe-images --repository-name vishwaops-dev --image-ids imageTag={COMMIT}"
    assert commands.calls == [asked]


@pytest.mark.parametrize(("url", "pushed", "said"), [("", True, "no secret PREFECT_API_URL"), ("http://x", False, "")])
def test_nothing_is_deployed_without_a_server_or_an_image(
    url: str, pushed: bool, said: str, commands: Commands
) -> None:
    commands.add("aws", "" if pushed else "exit 254")
    done = run("deploy.sh", commands, **deployment(url), GITHUB_EVENT_NAME="workflow_dispatch")
    assert done.returncode != 0
    assert said in done.stdout


def test_the_first_merge_pushes_the_image_before_there_is_a_server(commands: Commands) -> None:
    commands.add("aws")
    done = run("deploy.sh", commands, **deployment(""), GITHUB_EVENT_NAME="push")
    assert (done.returncode, "::notice::" in done.stdout) == (0, True)
    assert not (commands.folder / "calls").exists()


def deployment(url: str) -> dict[str, str]:
    return {"ENVIRONMENT": "dev", "COMMIT": COMMIT, "PREFECT_API_URL": url, "PREFECT_API_KEY": ""}
