"""Options of a training job beyond data and a script: checkpoints, retries, warm pools, limits, deletion."""

import gzip
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, TRAIN, Bench, channel, everything, unique, until

GROUP = "/aws/sagemaker/TrainingJobs"


def keys(bench: Bench, prefix: str) -> list[str]:
    listed = bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [item["Key"].removeprefix(prefix) for item in listed]


COUNT = """
import pathlib, sys, time
folder = pathlib.Path("/opt/ml/checkpoints")
done = max((int(path.stem) for path in folder.glob("*.txt")), default=0)
print("resuming from", done)
(folder / "deep").mkdir(exist_ok=True)
(folder / f"{done + 1}.txt").write_text("x")
(folder / "deep" / "state").write_text(str(done))
while pathlib.Path("/opt/ml/input/data/wait").exists():
    time.sleep(0.1)
(folder / f"{done + 2}.txt").write_text("y")
sys.exit(done == 0)
"""


def test_checkpoints_of_a_failed_job_are_stored_and_the_next_resumes_from_them(bench: Bench) -> None:
    prefix = unique("checkpoints") + "/"
    config = {"S3Uri": f"s3://{BUCKET}/{prefix}"}
    first = bench.train(COUNT, CheckpointConfig=config)
    assert first["TrainingJobStatus"] == "Failed"
    assert keys(bench, prefix) == ["1.txt", "2.txt", "deep/state"]
    second = bench.train(COUNT, CheckpointConfig=config)
    assert second["TrainingJobStatus"] == "Completed"
    assert bench.printed(GROUP, second["TrainingJobName"])[-1] == "resuming from 2"
    assert keys(bench, prefix) == ["1.txt", "2.txt", "3.txt", "4.txt", "deep/state"]
    assert second["CheckpointConfig"] == config


def test_checkpoints_are_in_s3_while_the_job_still_runs(bench: Bench) -> None:
    prefix = unique("checkpoints") + "/"
    data = bench.put(f"{unique('data')}/wait.txt", "")
    request = bench.request(
        COUNT, channels={"wait": data}, CheckpointConfig={"S3Uri": f"s3://{BUCKET}/{prefix.rstrip('/')}"}
    )
    name = request["TrainingJobName"]
    bench.sagemaker.create_training_job(**request)
    until(lambda: keys(bench, prefix), lambda found: "1.txt" in found)
    assert bench.describe(name)["SecondaryStatus"] == "Training"
    bench.sagemaker.stop_training_job(TrainingJobName=name)
    assert bench.ended(name)["TrainingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("path", "says"),
    [("/opt/ml/model/x", "is reserved"), ("/data", "not implemented by SageMaker local yet"), ("/opt/ml/../x", "not")],
)
def test_a_checkpoint_path_that_would_clash_or_lead_outside_is_refused(bench: Bench, path: str, says: str) -> None:
    request = bench.request(TRAIN, CheckpointConfig={"S3Uri": f"s3://{BUCKET}/x", "LocalPath": path})
    with pytest.raises(ClientError, match=says):
        bench.sagemaker.create_training_job(**request)


def test_a_job_with_a_retry_strategy_starts_again_after_the_server_died(
    start_server: Callable[..., OwnServer],
) -> None:
    server = start_server()
    bench = server.bench
    prefix = unique("checkpoints")
    script = (
        "import os, pathlib, time\n"
        "mark = pathlib.Path('/opt/ml/checkpoints/mark')\n"
        "again = mark.exists()\nmark.write_text('x')\n"
        "time.sleep(0 if again else 600)\n"
    )
    asked: dict[str, Any] = {"CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/{prefix}"}}
    tried = bench.request(script, RetryStrategy={"MaximumRetryAttempts": 1}, **asked)
    once = bench.request("import time\ntime.sleep(600)\n")
    for request in (tried, once):
        bench.sagemaker.create_training_job(**request)
    until(lambda: keys(bench, prefix), bool)
    server.end(signal.SIGKILL)
    again = start_server().bench
    job = again.ended(tried["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Downloading", "Training"] * 2 + ["Uploading", "Completed"]
    failed = again.describe(once["TrainingJobName"])
    assert failed["FailureReason"].startswith("InternalServerError: SageMaker local stopped while the job")


def test_a_failure_of_the_service_itself_is_retried_as_often_as_asked(
    start_server: Callable[..., OwnServer], tmp_path: Path
) -> None:
    (tmp_path / "no-folder").write_text("images can't be built here")
    bench = start_server("--images-dir", str(tmp_path / "no-folder")).bench
    job = bench.train(TRAIN, RetryStrategy={"MaximumRetryAttempts": 2})
    assert [transition["Status"] for transition in job["SecondaryStatusTransitions"]] == ["Starting"] * 3 + ["Failed"]
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert job["RetryStrategy"] == {"MaximumRetryAttempts": 2}


def test_a_warm_pool_ends_in_its_time_under_another_server_too(start_server: Callable[..., OwnServer]) -> None:
    server = start_server()
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    job = server.bench.train(TRAIN, ResourceConfig={**resources, "KeepAlivePeriodInSeconds": 4})
    server.end()
    bench = start_server().bench
    name = job["TrainingJobName"]
    until(lambda: bench.describe(name), lambda job: job["WarmPoolStatus"]["Status"] == "Terminated")


def test_a_warm_pool_is_there_for_its_time_and_can_be_prolonged(bench: Bench) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    job = bench.train(TRAIN, ResourceConfig={**resources, "KeepAlivePeriodInSeconds": 600})
    name = job["TrainingJobName"]
    assert job["WarmPoolStatus"]["Status"] == "Available"
    listed = everything(bench.sagemaker, "list_training_jobs", WarmPoolStatusEquals="Available", NameContains=name)
    assert [summary["TrainingJobName"] for summary in listed] == [name]
    with pytest.raises(bench.sagemaker.exceptions.ResourceInUse, match="retains a warm pool"):
        bench.sagemaker.delete_training_job(TrainingJobName=name)
    answer = bench.sagemaker.update_training_job(TrainingJobName=name, ResourceConfig={"KeepAlivePeriodInSeconds": 1})
    assert answer["TrainingJobArn"] == job["TrainingJobArn"]
    ended = until(lambda: bench.describe(name), lambda job: job["WarmPoolStatus"]["Status"] == "Terminated")
    assert ended["ResourceConfig"]["KeepAlivePeriodInSeconds"] == 1
    assert ended["WarmPoolStatus"]["ResourceRetainedBillableTimeInSeconds"] >= 1
    with pytest.raises(ClientError, match="warm pool"):
        bench.sagemaker.update_training_job(TrainingJobName=name, ResourceConfig={"KeepAlivePeriodInSeconds": 60})
    bench.sagemaker.delete_training_job(TrainingJobName=name)


def test_a_job_that_runs_cannot_be_deleted_and_one_that_is_over_gives_its_name_free(bench: Bench) -> None:
    request = bench.request("import time\ntime.sleep(600)\n")
    name = request["TrainingJobName"]
    bench.sagemaker.create_training_job(**request)
    with pytest.raises(bench.sagemaker.exceptions.ResourceInUse, match="is in status InProgress"):
        bench.sagemaker.delete_training_job(TrainingJobName=name)
    bench.sagemaker.stop_training_job(TrainingJobName=name)
    bench.ended(name)
    bench.sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="Requested resource not found"):
        bench.describe(name)
    assert bench.train(TRAIN, name=name)["TrainingJobStatus"] == "Completed"


def test_without_compression_the_model_is_a_folder_in_s3(bench: Bench) -> None:
    name = unique("job")
    output = {"S3OutputPath": f"s3://{BUCKET}/{name}/", "CompressionType": "NONE"}
    job = bench.train(TRAIN, name=name, OutputDataConfig=output, hyperparameters={"slope": "4"})
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/{name}/{name}/output/model/"
    assert bench.read(job["ModelArtifacts"]["S3ModelArtifacts"] + "slope.json") == b"4.0"


def test_gzip_channels_arrive_unpacked_and_fast_file_mode_is_told(bench: Bench) -> None:
    prefix = unique("data")
    for name in ("a.csv.gz", "deep/b.csv.gz"):
        bench.put(f"{prefix}/{name}", gzip.compress(name.encode()))
    script = (
        "import json, pathlib\n"
        "root = pathlib.Path('/opt/ml/input/data/train')\n"
        "print(json.dumps({str(p.relative_to(root)): p.read_text() for p in root.rglob('*') if p.is_file()}))\n"
        "config = json.loads(pathlib.Path('/opt/ml/input/config/inputdataconfig.json').read_text())\n"
        "print(config['train']['TrainingInputMode'], config['train']['ContentType'])\n"
    )
    train = {**channel("train", f"s3://{BUCKET}/{prefix}"), "CompressionType": "Gzip", "InputMode": "FastFile"}
    job = bench.train(script, InputDataConfig=[{**train, "ContentType": "text/csv"}])
    files, mode = bench.printed(GROUP, job["TrainingJobName"])[-2:]
    assert json.loads(files) == {"a.csv": "a.csv.gz", "deep/b.csv": "deep/b.csv.gz"}
    assert mode == "FastFile text/csv"


def test_pipe_mode_is_refused_by_name(bench: Bench) -> None:
    request = bench.request(TRAIN, algorithm={"TrainingInputMode": "Pipe"}, channels={"train": f"s3://{BUCKET}/x"})
    with pytest.raises(ClientError, match="Pipe mode is not implemented by SageMaker local yet"):
        bench.sagemaker.create_training_job(**request)


def test_the_processors_of_the_instance_type_count_as_far_as_this_machine_has_them(bench: Bench) -> None:
    script = "import os\nprint('cpus', os.environ['SM_NUM_CPUS'], len(os.sched_getaffinity(0)))\n"
    resources = {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    job = bench.train(script, ResourceConfig=resources)
    assert bench.printed(GROUP, job["TrainingJobName"])[-1] == f"cpus {os.cpu_count()} {os.cpu_count()}"
    two = bench.train(script, ResourceConfig={**resources, "InstanceCount": 2})
    half = max(1, (os.cpu_count() or 1) // 2)
    assert bench.printed(GROUP, two["TrainingJobName"])[-1] == f"cpus {half} {half}"


HUNGRY = "import time\nheld = bytearray(400 << 20)\ntime.sleep(600)\n"


def test_with_a_memory_limit_a_job_that_needs_more_than_its_instance_has_fails_as_on_aws(
    start_server: Callable[..., OwnServer],
) -> None:
    bench = start_server("--memory-limit", "0.025").bench  # of an ml.m5.large's 8 GiB: 205 MiB
    job = bench.train(HUNGRY)
    assert job["FailureReason"] == (
        "ClientError: Please use an instance type with more memory, or reduce the size of training data processed "
        "on an instance., exit code: 137"
    )
    larger = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    modest = bench.train(HUNGRY.replace("400", "200").replace("(600)", "(1)"), ResourceConfig=larger)
    assert modest["TrainingJobStatus"] == "Completed", modest.get("FailureReason")


def test_the_server_answers_while_jobs_run(bench: Bench) -> None:
    request = bench.request("import time\ntime.sleep(600)\n")
    bench.sagemaker.create_training_job(**request)
    for _ in range(20):
        assert bench.describe(request["TrainingJobName"])["TrainingJobStatus"] == "InProgress"
    bench.sagemaker.stop_training_job(TrainingJobName=request["TrainingJobName"])
