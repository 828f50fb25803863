"""Our own image as data, without a Docker engine; its trial, push and scan with fake commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.conftest import Commands
from tests.github.test_image import COMMIT, REPOSITORY, run
from tests.sagemaker_local import fake_docker

PROJECT = Path(__file__).parents[2]
SCRIPTS = PROJECT / "sagemaker_scripts"
DOCKERFILE = (SCRIPTS / "Dockerfile").read_text()
LINES = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
TAG = "1.0.0"


def instructions(name: str) -> list[str]:
    return [line.removeprefix(f"{name} ") for line in LINES if line.startswith(f"{name} ")]


def test_its_base_is_that_of_the_flows_image_which_is_pinned_by_digest() -> None:
    assert instructions("FROM") == re.findall(r"(?m)^FROM (.+)", (PROJECT / "Dockerfile").read_text())


def test_it_installs_wheels_of_the_lock_alone_and_needs_no_compiler() -> None:
    (install,) = [line for line in instructions("RUN") if "pip install" in line]
    for option in ("--no-cache-dir", "--no-deps", "--only-binary :all:", "--require-hashes"):
        assert option in install
    assert "apt-get" not in DOCKERFILE


def test_only_what_is_copied_is_sent_to_the_build() -> None:
    ignore = (SCRIPTS / ".dockerignore").read_text().splitlines()
    copied = {line.split()[0] for line in instructions("COPY")}
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert all((SCRIPTS / name).exists() for name in copied)


def test_sagemaker_finds_the_programs_which_become_the_user_that_the_image_has() -> None:
    environment = dict(part.split("=") for part in instructions("ENV")[0].split())
    (programs,) = (line.split()[1] for line in instructions("COPY") if line.startswith("container "))
    assert environment["PATH"].split(":")[0] == f"{programs}/bin"
    assert {path.name for path in (SCRIPTS / "container" / "bin").iterdir()} == {"train", "serve", "run-as-user"}
    assert all(os.access(path, os.X_OK) for path in (SCRIPTS / "container" / "bin").iterdir())
    assert f" {environment['CONTAINER_USER']}" in next(line for line in instructions("RUN") if "useradd" in line)
    assert instructions("USER") == []  # SageMaker expects root; tests/scripts/container tests the change of user
    assert 'accept-bind-to-port="true"' in instructions("LABEL")[0]


def test_it_holds_no_secret() -> None:
    assert not re.search(r"(?i)secret|password|token|api_key|access_key", DOCKERFILE)
    assert "ARG" not in {line.split(" ")[0] for line in LINES}


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", lock.read_text()))


def test_its_packages_have_the_versions_of_the_project_and_xgboost_is_the_same_without_cuda() -> None:
    own, project = pins(SCRIPTS / "image" / "requirements.lock"), pins(PROJECT / "requirements.lock")
    assert own.pop("xgboost-cpu") == project["xgboost"]
    assert own == {name: project[name] for name in own}
    imported = {"numpy", "pandas", "pyarrow", "scikit-learn", "skops", "orjson", "uvloop", "httptools"}
    assert imported <= set(own)


def test_the_trial_runs_the_image_s_programs(commands: Commands) -> None:
    image = commands.folder / "image"
    image.mkdir()
    for program in ("train", "serve"):
        (image / program).symlink_to(SCRIPTS / "container" / "bin" / program)
    (image / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (image / "python3").chmod(0o755)
    shutil.copy(fake_docker.__file__, commands.folder / "docker")
    (commands.folder / "docker").chmod(0o755)

    def trial(user: str, modules: str) -> subprocess.CompletedProcess[str]:
        script = PROJECT / ".github" / "try_model_image.sh"
        environment = {**commands.environment, "EXPECTED_USER": user, "MODULES": modules}
        return subprocess.run([script, "vishwaops-model"], env=environment, text=True, capture_output=True)

    done = trial("0", "orjson")  # the user in a fake container
    assert done.returncode == 0, done.stdout + done.stderr
    assert "refuses a model without a server" in done.stdout
    other = trial("7", "orjson")
    assert (other.returncode, "train.py ran with: 0 --depth 3" in other.stdout) == (1, True)
    assert "ModuleNotFoundError: No module named 'missing'" in trial("0", "missing").stdout


def test_the_trial_imports_what_the_scripts_need() -> None:
    (modules,) = re.findall(r"MODULES:-(.+)\}", (PROJECT / ".github" / "try_model_image.sh").read_text())
    packages = {"sklearn": "scikit-learn", "xgboost": "xgboost-cpu"}
    named = {packages.get(name, name) for name in modules.split(", ")}
    wanted = re.findall(r"(?m)^([a-z-]+)", (SCRIPTS / "image" / "requirements.in").read_text())
    assert named == set(wanted)


def test_a_version_is_pushed_to_the_model_repository_and_never_twice(commands: Commands) -> None:
    commands.add("aws", '[ "$2" = get-login-password ] && echo word')
    commands.add("docker", '[ "$1" != login ] || [ "$(cat)" = word ]')
    given = {"REPOSITORY": f"{REPOSITORY}-model", "TAG": TAG, "CONTEXT": "sagemaker_scripts"}
    done = run("push_image.sh", commands, **given)
    assert done.returncode == 0, done.stderr
    image = f"{REPOSITORY}-model:{TAG}"
    built = f"docker build --tag {image} --label org.opencontainers.image.revision={COMMIT} sagemaker_scripts"
    assert [call for call in commands.calls if call.startswith("docker")][:1] == [built]
    assert f"docker push {image}" in commands.calls
    commands.add("aws")
    assert run("push_image.sh", commands, **given).stdout == f"{image} is already pushed\n"


@pytest.mark.parametrize(("found", "code"), [("None\\tNone", 0), ("None\\t3", 0), ("2\\t3", 1)])
def test_a_critical_finding_of_ecr_fails_the_push(commands: Commands, found: str, code: int) -> None:
    commands.add("aws", f'[ "$2" != describe-image-scan-findings ] || printf "{found}\\n"')
    done = run("scan_image.sh", commands, REPOSITORY=f"{REPOSITORY}-model", TAG=TAG)
    assert (done.returncode, "::error::" in done.stdout) == (code, bool(code)), done.stderr
    waited = f"aws ecr wait image-scan-complete --repository-name vishwaops-dev-model --image-id imageTag={TAG}"
    assert commands.calls[0] == waited
