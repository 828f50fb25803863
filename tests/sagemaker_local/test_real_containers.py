"""Jobs in real containers: the line for `docker run`, and whole jobs with a fake Docker."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sagemaker_local.docker import Container, Docker, container_environment, run_line
from sagemaker_local.errors import JobFailure
from sagemaker_local.sandbox import Sandbox
from tests.patience import PATIENCE
from tests.sagemaker_local import fake_docker
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, ROLE, Bench, unique, until

Start = Callable[..., OwnServer]
GROUP = "/aws/sagemaker/TrainingJobs"
IMAGE = "registry.example/forecaster:3"
TRAIN = "#!/bin/sh\necho image of $TRAINING_JOB_NAME\ncp /opt/ml/input/config/hyperparameters.json /opt/ml/model\n"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fake Docker, first on the PATH."""
    folder = tmp_path / "stand-in"
    (folder / "image").mkdir(parents=True)
    shutil.copy(fake_docker.__file__, folder / "docker")
    (folder / "docker").chmod(0o755)
    (folder / "image" / "train").write_text(TRAIN)
    (folder / "image" / "train").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    return folder


def containers(docker: Path) -> list[str]:
    return sorted(folder.name for folder in (docker / "containers").glob("*"))


def calls(docker: Path, action: str) -> list[list[str]]:
    every = [json.loads(line) for line in (docker / "calls").read_text().splitlines()]
    return [call for call in every if call[0] == action]


def job(bench: Bench, shell: str = "", **changes: object) -> dict:  # type: ignore[type-arg]
    """A request; `shell` becomes its ContainerEntrypoint."""
    entrypoint = {"ContainerEntrypoint": ["/bin/sh", "-c", shell]} if shell else {}
    request = bench.request("", algorithm={"TrainingImage": IMAGE, **entrypoint})
    return {**request, "HyperParameters": {"depth": "3"}, **changes}


def run(server: OwnServer, request: dict) -> dict:  # type: ignore[type-arg]
    server.bench.sagemaker.create_training_job(**request)
    return server.bench.ended(request["TrainingJobName"])


def test_the_line_for_docker_run_says_all_that_aws_gives_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    container = Container(
        name="job-1-algo-1",
        image=IMAGE,
        folder=Path("/state/jobs/job-1/ml"),
        command=["--epochs", "3"],
        environment={"TRAINING_JOB_NAME": "job-1", "AWS_SECRET_ACCESS_KEY": "secret"},
        entrypoint=["python", "run.py"],
        hostname="algo-1",
        names={"algo-1": "127.64.0.1", "algo-2": "127.64.0.2"},
        cpus=2,
        memory=8 << 30,
    )
    assert run_line("docker", "sagemaker-local.state=1", container) == [
        *("docker", "run", "--rm", "--pull", "never", "--name", "job-1-algo-1"),
        *("--label", "sagemaker-local.state=1", "--network", "host", "--hostname", "algo-1"),
        *("--add-host", "algo-1:127.64.0.1", "--add-host", "algo-2:127.64.0.2"),
        *("--cpus", "2", "--memory", "8589934592", "-v", "/state/jobs/job-1/ml:/opt/ml"),
        *("-e", "TRAINING_JOB_NAME=job-1", "-e", "AWS_SECRET_ACCESS_KEY"),
        *("--entrypoint", "python", IMAGE, "run.py", "--epochs", "3"),
    ]


def test_without_an_entrypoint_the_image_brings_its_own_and_isolation_takes_the_network() -> None:
    line = run_line("docker", "a=b", Container("name", IMAGE, Path("/ml"), ["train"], {}, network=False))
    assert line[-2:] == [IMAGE, "train"]
    assert "--entrypoint" not in line
    assert line[line.index("--network") + 1] == "none"


def test_a_container_is_told_the_way_to_the_cloud_and_no_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_CONFIG_FILE", "/x"), ("OTHER", "x")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)  # the run's own cloud may have set it
    environment = container_environment("eu-west-1")
    assert environment["AWS_ENDPOINT_URL"] == environment["S3_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["AWS_REGION"] == "eu-west-1"
    assert not {"AWS_CONFIG_FILE", "OTHER", "PATH", "HOME"} & set(environment)


@pytest.mark.parametrize("image", ["--privileged", "-v/:/host", "two words", ""])
def test_an_image_is_never_read_as_an_option(docker: Path, tmp_path: Path, image: str) -> None:
    engine = Docker(tmp_path, Sandbox("relocated paths"))
    with pytest.raises(JobFailure, match="is not the name of an image"):
        engine.provide(image, lambda line: None, threading.Event())
    assert calls(docker, "image") == []


def test_what_an_image_wrote_as_root_is_handed_over_by_a_container_of_it(docker: Path, tmp_path: Path) -> None:
    line = Docker(tmp_path, Sandbox("relocated paths")).take_over_arguments(IMAGE, Path("/job/ml"), "1000:1000")
    assert line[-7:] == ["/job/ml:/opt/ml", "--entrypoint", "chown", IMAGE, "-R", "1000:1000", "/opt/ml"]
    assert line[line.index("--user") + 1] == "0"


def test_jobs_run_by_the_images_own_train_or_by_the_entrypoint_that_they_name(
    docker: Path, start_server: Start
) -> None:
    server = start_server("--containers", "docker")
    own = run(server, job(server.bench, Environment={"MINE": "yes"}))
    assert own["TrainingJobStatus"] == "Completed", own.get("FailureReason")
    model = server.bench.unpacked(own["ModelArtifacts"]["S3ModelArtifacts"])
    assert model == {"hyperparameters.json": b'{"depth": "3"}'}
    lines = server.bench.printed(GROUP, own["TrainingJobName"])
    assert lines == [f"SageMaker local: Docker pulls {IMAGE}.", f"image of {own['TrainingJobName']}"]
    assert "MINE=yes" in calls(docker, "run")[0]

    shell = "hostname > /opt/ml/model/host.txt; env > /opt/ml/model/env.txt"
    named = run(server, job(server.bench, shell))
    found = server.bench.unpacked(named["ModelArtifacts"]["S3ModelArtifacts"])
    assert found["host.txt"] == b"algo-1\n"
    assert f"TRAINING_JOB_ARN={named['TrainingJobArn']}" in found["env.txt"].decode()
    assert os.environ["AWS_ENDPOINT_URL"] in found["env.txt"].decode()
    assert len(calls(docker, "pull")) == 1
    assert containers(docker) == []


def test_containers_of_one_job_find_each_other_by_name(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    shell = "getent hosts algo-1 algo-2 | cut -d' ' -f1 > /opt/ml/model/$(hostname)"
    ended = run(server, job(server.bench, shell, ResourceConfig=resources))
    assert ended["TrainingJobStatus"] == "Completed", ended.get("FailureReason")
    found = server.bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"])
    assert sorted(found) == ["algo-1", "algo-2"]
    assert found["algo-1"] == found["algo-2"]
    assert len(set(found["algo-1"].split())) == 2


def test_a_container_that_fails_or_needs_too_much_memory_gives_awss_reasons(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    failed = run(server, job(server.bench, "echo too few rows > /opt/ml/output/failure; exit 4"))
    assert failed["FailureReason"] == "AlgorithmError: too few rows, exit code: 4"
    killed = run(server, job(server.bench, "exit 137"))
    assert killed["FailureReason"].startswith("ClientError: Please use an instance type with more memory")
    request = job(server.bench)
    request["AlgorithmSpecification"]["TrainingImage"] = "registry.example/not-there:1"
    assert "registry.example/not-there:1 can't be pulled: Error response" in run(server, request)["FailureReason"]


def test_an_instance_that_fails_takes_the_containers_of_the_others_with_it(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    shell = "if [ $(hostname) = algo-1 ]; then sleep 0.5; exit 3; fi; sleep 300"
    assert run(server, job(server.bench, shell, ResourceConfig=resources))["FailureReason"].endswith("exit code: 3")
    assert containers(docker) == []


def test_a_job_that_waits_for_its_image_can_be_stopped(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    request = job(server.bench)
    request["AlgorithmSpecification"]["TrainingImage"] = "registry.example/slow:1"
    server.bench.sagemaker.create_training_job(**request)
    until(lambda: (docker / "calls").read_text(), lambda text: '"pull"' in text)
    server.bench.sagemaker.stop_training_job(TrainingJobName=request["TrainingJobName"])
    assert server.bench.ended(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"


def test_network_isolation_leaves_a_container_without_network(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    shell = "grep : /proc/net/dev | cut -d: -f1 > /opt/ml/model/interfaces"
    ended = run(server, job(server.bench, shell, EnableNetworkIsolation=True))
    assert ended["TrainingJobStatus"] == "Completed", ended.get("FailureReason")
    assert server.bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"])["interfaces"].strip() == b"lo"


def test_a_stopped_job_is_stopped_by_docker_and_keeps_what_it_wrote(docker: Path, start_server: Start) -> None:
    server = start_server("--containers", "docker")
    shell = "trap 'echo saved > /opt/ml/model/saved; exit 0' TERM; echo up; while true; do sleep 0.05; done"
    request = job(server.bench, shell)
    name = request["TrainingJobName"]
    server.bench.sagemaker.create_training_job(**request)
    until(lambda: "up" in _output(docker), bool)
    server.bench.sagemaker.stop_training_job(TrainingJobName=name)
    ended = server.bench.ended(name)
    assert ended["TrainingJobStatus"] == "Stopped"
    assert server.bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"]) == {"saved": b"saved\n"}
    assert [call[:2] for call in calls(docker, "stop")] == [["stop", "-t"]]
    assert 110 <= int(calls(docker, "stop")[0][2]) <= 120


def test_a_processing_job_runs_in_its_image(docker: Path, start_server: Start) -> None:
    bench = start_server("--containers", "docker").bench
    name = unique("processing")
    target = f"s3://{BUCKET}/{name}"
    output = {"S3Uri": target, "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    bench.sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["/bin/sh", "-c", 'echo "$PROCESSING_JOB_NAME $1" > /opt/ml/processing/out/x', "sh"],
            "ContainerArguments": ["said"],
        },
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": output}]},
    )
    ended = until(
        lambda: bench.sagemaker.describe_processing_job(ProcessingJobName=name),
        lambda found: found["ProcessingJobStatus"] != "InProgress",
    )
    assert ended["ProcessingJobStatus"] == "Completed", ended.get("FailureReason")
    assert bench.read(f"{target}/x") == f"{name} said\n".encode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_what_a_server_left_running_is_removed_at_its_end_or_at_the_next_start(
    docker: Path, start_server: Start, number: signal.Signals
) -> None:
    server = start_server("--containers", "docker")
    request = job(server.bench, "echo up; sleep 300")
    server.bench.sagemaker.create_training_job(**request)
    until(lambda: "up" in _output(docker), bool)
    (left,) = containers(docker)
    pid = int((docker / "containers" / left / "pid").read_text())
    stranger = docker / "containers" / "stranger"
    stranger.mkdir()
    (stranger / "labels").write_text("sagemaker-local.state=another")
    server.end(number)
    if number == signal.SIGKILL:
        assert left in containers(docker)
        assert Path(f"/proc/{pid}").exists()
    else:
        assert containers(docker) == ["stranger"]
    second = start_server("--containers", "docker")
    assert containers(docker) == ["stranger"]
    until(lambda: _ended(pid), bool)
    assert second.bench.describe(request["TrainingJobName"])["TrainingJobStatus"] == "Failed"


@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_an_engine_that_answers_the_server_refuses_to_start_and_says_what_to_do(
    docker: Path, tmp_path: Path, how: str
) -> None:
    (docker / "silent").touch()
    done = _start_in_vain(tmp_path, how)
    assert "its engine does not answer: Cannot connect to the Docker daemon" in done
    assert "Start Docker, or start SageMaker local without --containers docker." in done


def test_without_docker_the_server_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no docker on the PATH" in _start_in_vain(tmp_path, "option")


def _start_in_vain(tmp_path: Path, how: str) -> str:
    command = [sys.executable, "-m", "sagemaker_local", "--port", "0", "--state-dir", str(tmp_path / "state")]
    option = ["--containers", "docker"] if how == "option" else []
    variable = {} if option else {"SAGEMAKER_LOCAL_CONTAINERS": "docker"}
    done = subprocess.run(
        [*command, *option],
        env={**os.environ, **variable},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert not (tmp_path / "state" / "server.json").exists()
    return done.stderr


def _output(docker: Path) -> str:
    return "".join(file.read_text() for file in (docker / "containers").glob("*/output"))


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
