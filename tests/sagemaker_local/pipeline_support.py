"""Shared by the tests of pipelines: definitions, steps, and executions run to their end."""

import json
from typing import Any

from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, TRAIN, Bench, unique, until

OVER = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")
SLEEP = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"


def definition(*steps: dict[str, Any], parameters: tuple[dict[str, Any], ...] = (), **more: Any) -> str:
    """A definition as the SDK writes it."""
    document = {"Version": "2020-12-01", "Metadata": {}, "Parameters": list(parameters), "Steps": list(steps), **more}
    return json.dumps(document)


def step(name: str, kind: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": arguments, **more}


def fail(name: str, message: Any = "reached", **more: Any) -> dict[str, Any]:
    return step(name, "Fail", {"ErrorMessage": message}, **more)


def compare(kind: str, left: Any, right: Any) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


def condition(name: str, *conditions: dict[str, Any], then: Any = (), otherwise: Any = (), **more: Any) -> Any:
    sides = {"IfSteps": list(then), "ElseSteps": list(otherwise)}
    return step(name, "Condition", {"Conditions": list(conditions), **sides}, **more)


def training(bench: Bench, name: str, script: str = TRAIN, **more: Any) -> dict[str, Any]:
    """A Training step that runs a script; `arguments` change its request."""
    request = bench.request(script, **more.pop("arguments", {}))
    del request["TrainingJobName"]
    return step(name, "Training", request, **more)


def processing(bench: Bench, name: str, script: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    """A Processing step that runs a script with arguments, and uploads /opt/ml/processing/out as `report`."""
    key = unique("processing")
    source = {"S3Uri": bench.put(f"{key}/code/run.py", script), "LocalPath": "/opt/ml/processing/input/code"}
    output = {"S3Uri": f"s3://{BUCKET}/{key}/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    request = {
        "RoleArn": ROLE,
        "ProcessingInputs": [
            {"InputName": "code", "S3Input": {**source, "S3DataType": "S3Prefix", "S3InputMode": "File"}}
        ],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/run.py"],
            **({"ContainerArguments": list(arguments)} if arguments else {}),
        },
    }
    return step(name, "Processing", request, **more)


def create(bench: Bench, text: str, name: str | None = None) -> str:
    """Creates a pipeline, and returns its name."""
    name = name or unique("pipeline")
    bench.sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=ROLE)
    return name


def start(bench: Bench, name: str, parameters: dict[str, str] | None = None, **more: Any) -> str:
    """Starts an execution, and returns its ARN."""
    given = [{"Name": key, "Value": value} for key, value in (parameters or {}).items()]
    answer = bench.sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=given, **more)
    return str(answer["PipelineExecutionArn"])


def described(bench: Bench, arn: str) -> dict[str, Any]:
    return dict(bench.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn))


def ended(bench: Bench, arn: str) -> dict[str, Any]:
    """The description of an execution once it has ended."""
    return until(lambda: described(bench, arn), lambda each: each["PipelineExecutionStatus"] in OVER)


def steps(bench: Bench, arn: str) -> dict[str, dict[str, Any]]:
    """The steps that have started, by name, in the order of their start."""
    answer = bench.sagemaker.list_pipeline_execution_steps(
        PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=100
    )
    return {each["StepName"]: each for each in answer["PipelineExecutionSteps"]}


def run(bench: Bench, *given: dict[str, Any], **more: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Runs a pipeline of these steps; returns the execution's description and its steps."""
    arn = start(bench, create(bench, definition(*given, parameters=more.pop("parameters", ()))), **more)
    return ended(bench, arn), steps(bench, arn)
