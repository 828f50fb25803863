"""Where a script may lie in what is submitted, and what it is called: as sagemaker-containers takes it."""

from typing import Any

import pytest

from tests.sagemaker_local.support import IMAGE, ROLE, Bench, unique, until
from tests.sagemaker_local.wheels import tar

SERVE = (
    b"def model_fn(folder):\n    return 1\ndef transform_fn(model, body, content_type, accept):\n    return 'served'\n"
)
ANSWERS_WITH_LARGE_HEADERS = """
import flask
def model_fn(folder):
    return 1
def transform_fn(model, body, content_type, accept):
    return flask.Response("body", headers={"x-large": "x" * int(body)})
"""


def endpoint(bench: Bench, files: dict[str, bytes], **environment: str) -> dict[str, Any]:
    """An endpoint of a model archive of these files, once it is created or has failed."""
    model = unique("model")
    usual = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": IMAGE, "ModelDataUrl": bench.put(f"{model}.tar.gz", tar(files))}
    bench.sagemaker.create_model(
        ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={**container, "Environment": usual | environment}
    )
    bench.sagemaker.create_endpoint(EndpointName=model, EndpointConfigName=bench.config(v=(model, 1.0)))
    return until(
        lambda: dict(bench.sagemaker.describe_endpoint(EndpointName=model)),
        lambda found: found["EndpointStatus"] != "Creating",
    )


@pytest.mark.parametrize(
    ("path", "submitted"),
    [("sourcedir.tar.gz", tar({"inference.py": SERVE})), ("inference.py", SERVE)],
)
def test_a_script_is_served_from_an_archive_or_a_file_in_the_model(bench: Bench, path: str, submitted: bytes) -> None:
    found = endpoint(bench, {path: submitted}, SAGEMAKER_SUBMIT_DIRECTORY=f"/opt/ml/model/{path}")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    assert bench.invoke(found["EndpointName"]) == "served"
    bench.sagemaker.delete_endpoint(EndpointName=found["EndpointName"])


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SAGEMAKER_PROGRAM": "sub/inference.py"}, "No module named 'sub/inference'"),
        ({"SAGEMAKER_MODEL_SERVER_WORKERS": "0"}, "SAGEMAKER_MODEL_SERVER_WORKERS must be 1 or more; found 0."),
    ],
)
def test_what_can_not_be_served_on_aws_fails_the_endpoint(
    bench: Bench, environment: dict[str, str], reason: str
) -> None:
    found = endpoint(bench, {"code/inference.py": SERVE, "code/sub/inference.py": SERVE}, **environment)
    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"].endswith(reason)
    bench.sagemaker.delete_endpoint(EndpointName=found["EndpointName"])


def test_a_package_with_a_main_module_is_an_entry_point(bench: Bench) -> None:
    code = tar({"job/__init__.py": b"", "job/__main__.py": b"print('ran', __package__)\n"})
    asked = {"sagemaker_submit_directory": bench.put(f"{unique('code')}.tar.gz", code), "sagemaker_program": "job"}
    job = bench.train("", hyperparameters=asked)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert bench.printed("/aws/sagemaker/TrainingJobs", job["TrainingJobName"])[-1] == "ran job"


def test_a_module_of_the_script_named_like_one_of_pythons_fails_the_script_not_the_container(bench: Bench) -> None:
    code = tar({"train.py": b"import json\n", "tomllib.py": b"1 / 0\n", "json.py": b"raise ValueError('mine')\n"})
    asked = {"sagemaker_submit_directory": bench.put(f"{unique('code')}.tar.gz", code)}
    job = bench.train("", hyperparameters=asked)
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError")


def test_an_answer_with_too_large_headers_is_the_models_error(bench: Bench) -> None:
    name = bench.endpoint(bench.config(v=(bench.model(script=ANSWERS_WITH_LARGE_HEADERS), 1.0)))
    with pytest.raises(bench.runtime.exceptions.ModelError, match="its headers have more than 64 KB"):
        bench.invoke(name, "70000")
    assert bench.invoke(name, "1000") == "body"
    bench.sagemaker.delete_endpoint(EndpointName=name)
