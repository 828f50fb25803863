"""Shared by the tests of SageMaker local: scripts in S3, jobs and endpoints of them, waiting, raw requests."""

import http.client
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from tests.patience import PATIENCE
from tests.patience import until as until

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
ROLE = "arn:aws:iam::000000000000:role/tester"
BUCKET = "sagemaker-local-tests"
ACCOUNT = "000000000000"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, Signature=0"

TRAIN = """
import argparse, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--slope", type=float, default=1.0)
arguments, _ = parser.parse_known_args()
pathlib.Path(os.environ["SM_MODEL_DIR"], "slope.json").write_text(json.dumps(arguments.slope))
"""

INFERENCE = """
import json, os
import flask

def model_fn(model_dir):
    with open(os.path.join(model_dir, "slope.json")) as file:
        return json.load(file)

def transform_fn(model, body, content_type, accept):
    if body == "die":
        os._exit(3)
    if body == "raise":
        raise KeyError("no such column")
    try:
        rows = [float(row) for row in body.split()]
    except ValueError as error:
        return flask.Response(f"row must be a number: {error}", 422, mimetype="text/plain")
    return "\\n".join(str(model * row) for row in rows), "text/csv"
"""


def unique(prefix: str) -> str:
    """A name that no other test has."""
    return f"{prefix}-{uuid4().hex[:10]}"


def archive(**files: str) -> bytes:
    """A .tar.gz of text files; `code__inference` means `code/inference.py`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            path = name.replace("__", "/") + ("" if name.endswith(("_txt", "_json")) else ".py")
            info = tarfile.TarInfo(path.replace("_txt", ".txt").replace("_json", ".json"))
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def raw(url: str, action: str, body: Any, authorization: str | None = SIGNED) -> tuple[int, dict[str, Any]]:
    """Status and JSON answer of a request that clients would refuse to send."""
    headers = {"X-Amz-Target": f"SageMaker.{action}", "Content-Type": "application/x-amz-json-1.1"}
    if authorization:
        headers["Authorization"] = authorization
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("POST", "/", body if isinstance(body, (str, bytes)) else json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def check_response(response_dict: dict[str, Any], operation_model: OperationModel, **_: Any) -> None:
    """Fails when a raw answer of SageMaker has a member that its output shape lacks, or lacks a required one.

    Goes to botocore's event `before-parse`, so that every response that a test sees is checked.
    """
    if response_dict["status_code"] < 300 and operation_model.output_shape and response_dict["body"]:
        problems = list(_misfits(json.loads(response_dict["body"]), operation_model.output_shape, operation_model.name))
        assert not problems, "; ".join(problems)


def _misfits(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if value is None:
        yield f"{path} is null"
    elif isinstance(shape, StructureShape):
        yield from (f"{path} lacks {name}" for name in shape.required_members if name not in value)
        for name, item in value.items():
            if name not in shape.members:
                yield f"{path} has no {name}"
            else:
                yield from _misfits(item, shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _misfits(item, shape.member, f"{path}[]")
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from _misfits(item, shape.value, f"{path}{{}}")
    elif not isinstance(value, _JSON_TYPES[shape.type_name]):
        yield f"{path} is {value!r}, which is not a {shape.type_name}"


_JSON_TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


class Bench:
    """A SageMaker local, with the S3 and the logs that it uses."""

    def __init__(self, clients: Callable[[str], Any], url: str) -> None:
        self.sagemaker, self.runtime = clients("sagemaker"), clients("sagemaker-runtime")
        self.s3, self.logs, self.url = clients("s3"), clients("logs"), url

    def put(self, key: str, content: bytes | str) -> str:
        """Puts an object, and returns its URI."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def read(self, uri: str) -> bytes:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def exists(self, uri: str) -> bool:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return "Contents" in self.s3.list_objects_v2(Bucket=bucket, Prefix=key)

    def unpacked(self, uri: str) -> dict[str, bytes]:
        """The files of a .tar.gz object."""
        with tarfile.open(fileobj=io.BytesIO(self.read(uri))) as tar:
            files = {member.name: tar.extractfile(member) for member in tar.getmembers() if member.isfile()}
            return {name: file.read() for name, file in files.items() if file}

    def request(self, script: str, name: str | None = None, **changes: Any) -> dict[str, Any]:
        """A CreateTrainingJob request for a script; `channels` maps names to S3 URIs, `files` go beside it."""
        name = name or unique("job")
        channels, files = changes.pop("channels", {}), changes.pop("files", {})
        code = self.put(f"{name}/sourcedir.tar.gz", archive(train=script, **files))
        hyperparameters = {"sagemaker_program": "train.py", "sagemaker_submit_directory": code}
        algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", **changes.pop("algorithm", {})}
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": algorithm,
            "HyperParameters": hyperparameters | changes.pop("hyperparameters", {}),
            **({"InputDataConfig": [channel(key, uri) for key, uri in channels.items()]} if channels else {}),
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{name}"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            **changes,
        }

    def train(self, script: str, **changes: Any) -> dict[str, Any]:
        """Runs a training job to its end, and returns its description."""
        request = self.request(script, **changes)
        self.sagemaker.create_training_job(**request)
        return self.ended(request["TrainingJobName"])

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_training_job(TrainingJobName=name))

    def ended(self, name: str) -> dict[str, Any]:
        over = ("Completed", "Failed", "Stopped")
        return until(lambda: self.describe(name), lambda job: job["TrainingJobStatus"] in over)

    def printed(self, group: str, prefix: str) -> list[str]:
        """The lines of the log streams with this prefix. Lines arrive late, so repeat the call until they are there."""
        try:
            streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        lines: list[str] = []
        for stream in streams:
            events = self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )
            lines += [event["message"] for event in events["events"]]
        return lines

    def model(self, name: str | None = None, slope: float = 2.0, script: str = INFERENCE, **changes: Any) -> str:
        """Creates a model that multiplies by `slope`, and returns its name."""
        name = name or unique("model")
        data = self.put(f"{name}/model.tar.gz", archive(slope_json=json.dumps(slope), code__inference=script))
        environment = {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        }
        container = {"Image": IMAGE, "ModelDataUrl": data, "Environment": environment, **changes}
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        return name

    def config(self, **variants: tuple[str, float]) -> str:
        """Creates an endpoint config of variants, each a model's name and a weight."""
        name = unique("config")
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": variant,
                    "ModelName": model,
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "InitialVariantWeight": weight,
                }
                for variant, (model, weight) in variants.items()
            ],
        )
        return name

    def endpoint(self, config: str, name: str | None = None) -> str:
        """Creates an endpoint, and returns its name when it is no longer being created."""
        name = name or unique("endpoint")
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self.settled(name)
        return name

    def settled(self, name: str) -> dict[str, Any]:
        return until(
            lambda: dict(self.sagemaker.describe_endpoint(EndpointName=name)),
            lambda endpoint: endpoint["EndpointStatus"] in ("InService", "Failed"),
        )

    def invoke(self, name: str, body: str = "1", **more: Any) -> str:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv", **more)
        return bytes(answer["Body"].read()).decode()


def everything(client: Any, action: str, **request: Any) -> list[Any]:
    """Every item of a List, of all its pages: with a filter, a page may be empty and not the last one."""
    pages = client.get_paginator(action).paginate(**request)
    return [item for page in pages for item in page[pages.result_keys[0].expression]]


def channel(name: str, uri: str, **source: str) -> dict[str, Any]:
    """One entry of InputDataConfig."""
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, **source}}}
