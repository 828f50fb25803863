"""Processing jobs: inputs at their paths, the command, outputs in S3, exit message and failure."""

from typing import Any

import pytest

from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, everything, unique, until

SCRIPT = """
import json, pathlib, sys
rows = pathlib.Path("/opt/ml/processing/input/data/rows.csv").read_text().splitlines()
pathlib.Path("/opt/ml/processing/output/report.json").write_text(json.dumps({"rows": len(rows), "argv": sys.argv[1:]}))
pathlib.Path("/opt/ml/output/message").write_text("all is well")
print(json.loads(pathlib.Path("/opt/ml/config/processingjobconfig.json").read_text())["ProcessingJobName"])
sys.exit(int(sys.argv[1]))
"""


def request(bench: Bench, script: str = SCRIPT, **changes: Any) -> dict[str, Any]:
    name = unique("processing")
    code = bench.put(f"{name}/code/process.py", script)
    data = bench.put(f"{name}/data/rows.csv", "1\n2\n3\n")
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "ProcessingInputs": [_input("code", code), _input("data", data)],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "report",
                    "S3Output": {
                        "S3Uri": f"s3://{BUCKET}/{name}/out",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/process.py"],
            "ContainerArguments": ["0", "--level", "high"],
        },
        **changes,
    }


def _input(name: str, uri: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{name}", "S3DataType": "S3Prefix"}
    return {"InputName": name, "S3Input": {**source, "S3InputMode": "File"}}


def run(bench: Bench, asked: dict[str, Any]) -> dict[str, Any]:
    bench.sagemaker.create_processing_job(**asked)
    return ended(bench, asked["ProcessingJobName"])


def ended(bench: Bench, name: str) -> dict[str, Any]:
    return until(
        lambda: dict(bench.sagemaker.describe_processing_job(ProcessingJobName=name)),
        lambda job: job["ProcessingJobStatus"] in ("Completed", "Failed", "Stopped"),
    )


def test_a_job_reads_its_inputs_and_leaves_outputs_message_and_logs(bench: Bench) -> None:
    job = run(bench, request(bench))
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ExitMessage"] == "all is well"
    assert job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    name = job["ProcessingJobName"]
    report = bench.read(f"s3://{BUCKET}/{name}/out/report.json")
    assert report == b'{"rows": 3, "argv": ["0", "--level", "high"]}'
    assert bench.printed("/aws/sagemaker/ProcessingJobs", f"{name}/algo-1-") == [name]


def test_the_command_runs_with_the_libraries_of_the_image(bench: Bench) -> None:
    script = "import sklearn, numpy, pandas\nprint(sklearn.__version__, numpy.__version__, pandas.__version__)\n"
    job = run(bench, request(bench, script))
    lines = bench.printed("/aws/sagemaker/ProcessingJobs", job["ProcessingJobName"])
    assert lines == ["1.8.0 2.1.0 2.2.3"]


def test_a_command_that_fails_fails_the_job_and_uploads_nothing(bench: Bench) -> None:
    asked = request(bench)
    asked["AppSpecification"]["ContainerArguments"] = ["3"]
    job = run(bench, asked)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information, exit code: 3"
    assert job["ExitMessage"] == "all is well"
    listed = bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{job['ProcessingJobName']}/out/")
    assert listed["KeyCount"] == 0


def test_a_job_that_is_stopped_ends_stopped(bench: Bench) -> None:
    asked = request(bench, "import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    name = asked["ProcessingJobName"]
    bench.sagemaker.create_processing_job(**asked)
    until(lambda: "ProcessingStartTime" in bench.sagemaker.describe_processing_job(ProcessingJobName=name), bool)
    bench.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert ended(bench, name)["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize("path", ["/etc", "/opt/ml/processing/../../../etc", "/opt/ml/processingx"])
def test_a_local_path_outside_of_the_jobs_folder_is_refused_before_anything_is_stored(bench: Bench, path: str) -> None:
    asked = request(bench)
    asked["ProcessingInputs"][0]["S3Input"]["LocalPath"] = path
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match="must be under /opt/ml/processing"):
        bench.sagemaker.create_processing_job(**asked)
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match="Could not find requested job"):
        bench.sagemaker.describe_processing_job(ProcessingJobName=asked["ProcessingJobName"])


def test_continuous_outputs_are_in_s3_while_the_job_still_runs(bench: Bench) -> None:
    script = (
        "import pathlib, time\n"
        "pathlib.Path('/opt/ml/processing/output/early.txt').write_text('early')\n"
        "time.sleep(600)\n"
    )
    asked = request(bench, script)
    asked["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] = "Continuous"
    name = asked["ProcessingJobName"]
    bench.sagemaker.create_processing_job(**asked)
    until(lambda: bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/")["KeyCount"], bool)
    assert bench.read(f"s3://{BUCKET}/{name}/out/early.txt") == b"early"
    with pytest.raises(bench.sagemaker.exceptions.ResourceInUse, match="is in status InProgress"):
        bench.sagemaker.delete_processing_job(ProcessingJobName=name)
    bench.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert ended(bench, name)["ProcessingJobStatus"] == "Stopped"
    bench.sagemaker.delete_processing_job(ProcessingJobName=name)


def test_what_the_application_manages_itself_is_left_to_it(bench: Bench) -> None:
    asked = request(bench, "print('managed')")
    asked["ProcessingInputs"].append({"InputName": "own", "AppManaged": True})
    job = run(bench, asked)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")


def test_inputs_that_are_not_there_yet_are_refused_by_name(bench: Bench) -> None:
    asked = request(bench)
    definition = {"AthenaDatasetDefinition": _athena(), "LocalPath": "/opt/ml/processing/input/x"}
    asked["ProcessingInputs"].append({"InputName": "athena", "DatasetDefinition": definition})
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match="DatasetDefinition is not implemented by"):
        bench.sagemaker.create_processing_job(**asked)


def _athena() -> dict[str, str]:
    return {
        "Catalog": "c",
        "Database": "d",
        "QueryString": "SELECT 1",
        "OutputS3Uri": f"s3://{BUCKET}/athena",
        "OutputFormat": "PARQUET",
    }


def test_jobs_are_listed_by_status(bench: Bench) -> None:
    name = run(bench, request(bench))["ProcessingJobName"]
    for status, expected in (("Completed", [name]), ("Failed", [])):
        listed = everything(bench.sagemaker, "list_processing_jobs", NameContains=name, StatusEquals=status)
        assert [job["ProcessingJobName"] for job in listed] == expected
