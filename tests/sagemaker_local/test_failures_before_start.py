"""Failures before a script starts: the job is Failed, with a FailureReason that says what to do."""

import errno
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local import failure_reasons
from sagemaker_local.container import arguments
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors import commands
from sagemaker_local.failure_reasons import beginning_of
from tests.patience import until
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, TRAIN, Bench, unique

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def test_hyperparameters_that_are_too_long_fail_the_job_and_say_so(bench: Bench) -> None:
    many = {f"text-{number:02}": "x" * 2_400 for number in range(90)}
    reason = bench.train(TRAIN, hyperparameters=many)["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nThe arguments are too long: the ")
    assert "environment variable SM_" in reason
    assert "Linux allows 131,072 for each" in reason
    assert "put large values into a file of an input channel instead" in reason


def test_what_is_too_long_is_named_with_its_size() -> None:
    problem = arguments.problem(["python", "a" * 200_000], {"SHORT": "1"})
    assert "of which argument 1 has 200,009" in problem
    assert "3 arguments and environment variables have" in problem


def script(folder: Path, name: str, content: str, mode: int = 0o755) -> str:
    path = folder / name
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def refusal(folder: Path, program: str) -> str:
    with pytest.raises(JobFailure) as refused:
        commands.check([program], ENVIRONMENT["PATH"], str(folder), folder / "ml")
    return str(refused.value)


def test_a_program_that_cannot_start_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    orphan = script(tmp_path, "orphan.sh", "#!/no/such/shell -e\n")
    locked = script(tmp_path, "locked.sh", "#!/bin/sh\n", mode=0o644)
    for program, words in (
        ("/no/such/program", "/no/such/program can't be started: there is no such file in the container"),
        ("no-such-program", "it is not on the PATH of the container"),
        ("./folder", "it is a folder"),
        (locked, "it may not be executed; name its interpreter before it"),
        (orphan, "its first line names the interpreter /no/such/shell, which is not in the container"),
    ):
        assert words in refusal(tmp_path, program)
    for good in ("sh", "/bin/sh", script(tmp_path, "good.sh", "#!/bin/sh\n"), "./good.sh"):
        commands.check([good], ENVIRONMENT["PATH"], str(tmp_path), tmp_path / "ml")


def test_a_training_job_without_its_program_fails_and_names_it(bench: Bench) -> None:
    job = bench.train(TRAIN, algorithm={"ContainerEntrypoint": ["/opt/ml/code/start.sh"]})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: /opt/ml/code/start.sh can't be started: there is no such file")


def test_a_processing_job_without_its_program_fails_and_names_it(bench: Bench) -> None:
    assert processed(bench, ["no-such-program"])["FailureReason"] == (
        "ClientError: no-such-program can't be started: it is not on the PATH of the container. Correct the "
        "ContainerEntrypoint of the job."
    )


def processed(bench: Bench, entrypoint: list[str]) -> dict[str, Any]:
    name = unique("processing")
    bench.sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE, "ContainerEntrypoint": entrypoint},
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
    )
    return until(
        lambda: dict(bench.sagemaker.describe_processing_job(ProcessingJobName=name)),
        lambda job: job["ProcessingJobStatus"] not in ("InProgress", "Stopping"),
    )


def test_an_unreadable_model_fails_transform_and_endpoint_and_names_it(bench: Bench) -> None:
    data = bench.put(f"{unique('broken')}/model.tar.gz", b"no archive")
    model = bench.model(ModelDataUrl=data)
    bench.endpoint(bench.config(only=(model, 1.0)), name := unique("endpoint"))
    endpoint = bench.sagemaker.describe_endpoint(EndpointName=name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert f"ClientError: Failed to extract {data}" in endpoint["FailureReason"]
    assert f"ClientError: Failed to extract {data}" in transformed(bench, model)["FailureReason"]


def transformed(bench: Bench, model: str) -> dict[str, Any]:
    name = unique("transform")
    bench.put(f"{name}/in/a.csv", "1\n")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/in/"}}
    bench.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        TransformInput={"DataSource": source, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    return until(
        lambda: dict(bench.sagemaker.describe_transform_job(TransformJobName=name)),
        lambda job: job["TransformJobStatus"] not in ("InProgress", "Stopping"),
    )


def test_a_work_folder_that_cannot_be_used_fails_everything_and_says_so(start_server: Any, tmp_path: Path) -> None:
    server: OwnServer = start_server()
    bench = server.bench
    model = bench.model()
    work = tmp_path / "state" / "work"
    work.rmdir()
    work.write_text("a file in its place")
    missing = "InternalServerError: A folder is missing: there is a file in its place."
    assert bench.train(TRAIN)["FailureReason"].startswith(missing)
    assert processed(bench, ["sh", "-c", "true"])["FailureReason"].startswith(missing)
    assert transformed(bench, model)["FailureReason"].startswith(missing)
    bench.endpoint(bench.config(only=(model, 1.0)), name := unique("endpoint"))
    assert bench.sagemaker.describe_endpoint(EndpointName=name)["FailureReason"].startswith(missing)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk of this machine is full. Free some space"),
        (errno.E2BIG, "The arguments are too long: Linux allows 131,072 bytes"),
        (errno.EACCES, "Permission is denied. Check who owns the state folder"),
        (errno.EAGAIN, "can start no more processes"),
        (errno.EMFILE, "Too many files are open"),
    ],
)
def test_an_error_of_the_machine_becomes_a_sentence_with_the_file(number: int, words: str) -> None:
    reason = failure_reasons.internal(OSError(number, "the C library's message", "/a/file"))
    assert reason.startswith("InternalServerError: ")
    assert words in reason
    assert reason.endswith("(/a/file)")
    assert "Errno" not in reason


def test_an_ending_is_written_as_soon_as_the_disk_has_room() -> None:
    tries = []

    def ending() -> None:
        tries.append("one")
        if len(tries) < 3:
            raise sqlite3.OperationalError("database or disk is full")

    failure_reasons.store_with_retries(ending, lambda: False)
    assert len(tries) == 3


def test_an_ending_is_left_to_the_next_server_when_this_one_ends(capsys: pytest.CaptureFixture[str]) -> None:
    def ending() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    failure_reasons.store_with_retries(ending, lambda: True)


def test_a_reason_is_no_longer_than_a_reason_whatever_a_script_writes(tmp_path: Path) -> None:
    with (tmp_path / "failure").open("wb") as file:
        file.truncate(8 << 30)
    assert len(beginning_of(tmp_path / "failure")) == 4 * failure_reasons.LONGEST_REASON


def test_what_is_nested_too_deep_is_named_in_words() -> None:
    assert failure_reasons.internal(RecursionError("x")) == (
        "InternalServerError: Folders, or values, are nested too deep."
    )
