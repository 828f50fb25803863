"""Training jobs really run: data in, script, metrics, logs, model out; and every way in which they fail."""

import json
import re
from typing import Any

import pytest

from tests.patience import until
from tests.sagemaker_local.support import BUCKET, TRAIN, Bench, channel, unique

GROUP = "/aws/sagemaker/TrainingJobs"
OWN = {"ContainerEntrypoint": ["python3", "train.py"]}
"""The script without AWS's toolkit."""
REPORT = """
import json, os, pathlib, sys
found = {name: sorted(str(p.relative_to(path)) for p in pathlib.Path(path).rglob("*") if p.is_file())
         for name, path in ((c, os.environ["SM_CHANNEL_" + c.upper()]) for c in json.loads(os.environ["SM_CHANNELS"]))}
report = {"files": found, "argv": sys.argv[1:], "environ": dict(os.environ), "cwd": os.getcwd()}
pathlib.Path(os.environ["SM_MODEL_DIR"], "report.json").write_text(json.dumps(report))
"""


def report(bench: Bench, job: dict) -> dict:  # type: ignore[type-arg]
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return dict(json.loads(bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"]))


def test_a_job_goes_through_the_real_statuses_and_leaves_model_metrics_and_logs(bench: Bench) -> None:
    script = TRAIN + "print('auc: 0.5;')\nprint('auc: 0.75;')\n"
    metrics = [{"Name": "auc", "Regex": "auc: ([0-9.]+);"}, {"Name": "loss", "Regex": "loss: ([0-9.]+)"}]
    job = bench.train(script, algorithm={"MetricDefinitions": metrics}, hyperparameters={"slope": "3.5"})

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all("EndTime" in transition for transition in job["SecondaryStatusTransitions"])
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert model == f"s3://{BUCKET}/{job['TrainingJobName']}/{job['TrainingJobName']}/output/model.tar.gz"
    assert bench.unpacked(model) == {"slope.json": b"3.5"}
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("auc", 0.75)]
    assert job["TrainingTimeInSeconds"] >= 1 <= job["BillableTimeInSeconds"]
    lines = bench.printed(GROUP, f"{job['TrainingJobName']}/algo-1-")
    assert lines[-2:] == ["auc: 0.5;", "auc: 0.75;"]


def test_the_script_gets_hyperparameters_channels_and_environment_by_the_container_contract(bench: Bench) -> None:
    prefix = unique("data")
    bench.put(f"{prefix}/train/a.csv", "1")
    bench.put(f"{prefix}/train/deep/b.csv", "2")
    bench.put(f"{prefix}/one/only.csv", "3")
    job = bench.train(
        REPORT,
        channels={"train": f"s3://{BUCKET}/{prefix}/train", "one": f"s3://{BUCKET}/{prefix}/one/only.csv"},
        hyperparameters={"max-depth": "3", "name": '"quoted"', "a": "1"},
        Environment={"MINE": "yes"},
    )
    found = report(bench, job)
    assert found["files"] == {"train": ["a.csv", "deep/b.csv"], "one": ["only.csv"]}
    assert found["argv"] == ["-a", "1", "--max-depth", "3", "--name", "quoted"]
    assert found["cwd"] == "/opt/ml/code"
    environment = found["environ"]
    expected = {
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_CHANNEL_TRAIN": "/opt/ml/input/data/train",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_HPS": '{"a":1,"max-depth":3,"name":"quoted"}',
        "SM_HP_MAX-DEPTH": "3",
        "SM_HOSTS": '["algo-1"]',
        "SM_CURRENT_HOST": "algo-1",
        "SM_MODULE_NAME": "train",
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        "MINE": "yes",
    }
    assert {name: environment.get(name) for name in expected} == expected


def test_nothing_of_the_servers_environment_leaks_into_a_job_but_the_way_to_the_cloud(bench: Bench) -> None:
    environment = report(bench, bench.train(REPORT))["environ"]
    ours = {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "LC_CTYPE",
        "PYTHONUNBUFFERED",
        "PYTHONPATH",
        "PWD",
        "NO_PROXY",
        "no_proxy",
        "OMP_WAIT_POLICY",  # of the guard in tests/network_guard
    }
    prefixes = ("NO_PROXY", "no_proxy", "SM_", "AWS_", "TRAINING_JOB_", "SAGEMAKER_")
    assert [name for name in environment if name not in ours and not name.startswith(prefixes)] == []
    assert environment["AWS_ENDPOINT_URL"] == bench.s3.meta.endpoint_url


def test_output_data_becomes_output_tar_gz(bench: Bench) -> None:
    script = "import os, pathlib\npathlib.Path(os.environ['SM_OUTPUT_DATA_DIR'], 'plot.txt').write_text('x')\n"
    job = bench.train(script)
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert bench.unpacked(output) == {"plot.txt": b"x"}


def test_a_manifest_names_the_objects_that_a_channel_gets(bench: Bench) -> None:
    prefix = unique("data")
    for name in ("a.csv", "b.csv", "c.csv"):
        bench.put(f"{prefix}/{name}", name)
    manifest = bench.put(f"{prefix}.manifest", json.dumps([{"prefix": f"s3://{BUCKET}/{prefix}/"}, "a.csv", "c.csv"]))
    job = bench.train(REPORT, InputDataConfig=[channel("train", manifest, S3DataType="ManifestFile")])
    assert report(bench, job)["files"] == {"train": ["a.csv", "c.csv"]}


def test_a_container_entrypoint_runs_instead_of_a_script(bench: Bench) -> None:
    shell = "echo $1 > /opt/ml/model/said.txt && cat /opt/ml/input/config/hyperparameters.json"
    algorithm = {"ContainerEntrypoint": ["/bin/sh", "-c", shell, "sh"], "ContainerArguments": ["hello"]}
    job = bench.train("", algorithm=algorithm, HyperParameters={"depth": "3"})
    assert bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"said.txt": b"hello\n"}
    assert '{"depth": "3"}' in bench.printed(GROUP, job["TrainingJobName"])


def test_a_script_that_raises_gives_failed_and_only_the_log_has_its_error(bench: Bench) -> None:
    job = bench.train("raise ValueError('column age is missing')\n", hyperparameters={"depth": "3"})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    reason = r'AlgorithmError: ExecuteUserScriptError:\nCommand "\S+/bin/python -m train --depth 3", exit code: 1'
    assert re.fullmatch(reason, job["FailureReason"])
    assert "ValueError: column age is missing" in bench.printed(GROUP, job["TrainingJobName"])


def test_a_failure_file_becomes_the_reason_but_the_toolkit_writes_over_a_scripts_own(bench: Bench) -> None:
    script = "import pathlib, sys\npathlib.Path('/opt/ml/output/failure').write_text('too few rows')\nsys.exit(2)\n"
    assert bench.train(script, algorithm=OWN)["FailureReason"] == "AlgorithmError: too few rows, exit code: 2"
    assert "too few rows" not in bench.train(script)["FailureReason"]


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("sagemaker-scikit-learn:1.9-0", 'ErrorMessage ""'),
        ("sagemaker-distribution:latest-cpu", "ValueError: column age is missing"),
    ],
)
def test_sagemaker_training_runs_the_file_and_the_image_decides_what_the_reason_has(
    bench: Bench, image: str, reason: str
) -> None:
    algorithm = {"TrainingImage": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{image}"}
    job = bench.train("raise ValueError('column age is missing')\n", algorithm=algorithm)
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage ")
    assert reason in job["FailureReason"]
    assert 'bin/python train.py"' in job["FailureReason"]


def test_missing_data_fails_the_job_as_a_client_error(bench: Bench) -> None:
    job = bench.train(TRAIN, channels={"train": f"s3://{BUCKET}/not-there/"})
    assert job["FailureReason"].startswith("ClientError: Data download failed: No S3 objects found under S3 URL")


def test_an_unknown_image_fails_and_says_how_to_add_it(bench: Bench) -> None:
    job = bench.train(TRAIN, algorithm={"TrainingImage": "123.dkr.ecr.us-east-1.amazonaws.com/prophet:1"})
    assert "no environment for image" in job["FailureReason"]
    assert "localstack/images/" in job["FailureReason"]


def test_requirements_that_are_met_are_not_installed_again(bench: Bench) -> None:
    job = bench.train(TRAIN, files={"requirements_txt": "# needed\nnumpy>=2\npandas\n"})
    lines = bench.printed(GROUP, job["TrainingJobName"])
    assert "Requirements of requirements.txt are already satisfied; nothing to install." in lines


STUBBORN = """
import os, pathlib, signal, sys, time
def end(*_):
    pathlib.Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model"), "last.txt").write_text("saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready")
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("algorithm", "saved"),
    [({}, False), (OWN, True)],
    ids=["script", "entrypoint"],
)
def test_stop_signals_the_container_alone_so_a_script_can_not_save_and_an_entrypoint_can(
    bench: Bench, algorithm: dict[str, Any], saved: bool
) -> None:
    request = bench.request(STUBBORN, algorithm=algorithm)
    name = request["TrainingJobName"]
    bench.sagemaker.create_training_job(**request)
    until(lambda: bench.printed(GROUP, name), lambda lines: "ready" in lines)
    bench.sagemaker.stop_training_job(TrainingJobName=name)
    assert bench.describe(name)["TrainingJobStatus"] in ("Stopping", "Stopped")
    job = bench.ended(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "Stopping" in [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert not bench.exists(model) or bench.unpacked(model) == {"last.txt": b"saved"}
    assert bench.exists(model) == saved
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match="is in status Stopped"):
        bench.sagemaker.stop_training_job(TrainingJobName=name)


def test_a_job_past_its_max_runtime_is_stopped_and_says_so(bench: Bench) -> None:
    job = bench.train(STUBBORN, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_network_isolation_leaves_a_job_without_network(bench: Bench) -> None:
    script = (
        "import os, urllib.request\n"
        "try:\n    urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'], timeout=5)\n"
        "except OSError:\n    print('no network')\n"
    )
    job = bench.train(script, algorithm=OWN, EnableNetworkIsolation=True)
    assert bench.printed(GROUP, job["TrainingJobName"])[-1] == "no network"


def test_a_script_reaches_the_same_offline_cloud_by_boto3(bench: Bench) -> None:
    script = f"import boto3\nboto3.client('s3').put_object(Bucket='{BUCKET}', Key='from-a-job', Body=b'hi')\n"
    assert bench.train(script)["TrainingJobStatus"] == "Completed"
    assert bench.read(f"s3://{BUCKET}/from-a-job") == b"hi"


def test_a_process_that_a_script_leaves_behind_does_not_keep_the_job(bench: Bench) -> None:
    script = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\nprint('parent')\n"
    job = bench.train(script)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingTimeInSeconds"] < 1000
