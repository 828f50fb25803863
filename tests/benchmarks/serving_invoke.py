"""InvokeEndpoint of SageMaker local beside direct requests to the same container, with the model of a use case."""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pyarrow as pa

import offline_cloud
from tests.benchmarks import servers, serving_model
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import Caller, free_port
from tests.endpoints import packed_folder
from tests.load_generator import http_request, run_load

USE_CASE = "student_enrollment"
CONNECTIONS, ROUNDS, SECONDS, BODIES = (1, 8, 32), 5, 1.0, 64
MOST_MS = 1.0
STATE = Path(__file__).parents[2] / ".vishwaops"
_BUCKET, _ROLE = "serving-benchmark", "arn:aws:iam::000000000000:role/benchmark"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
_SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, Signature=0"
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": _SIGNED}


def figures(folder: Path) -> Iterator[Figure]:
    """The added median at each number of connections."""
    parts, candidate, model = best_model(folder / USE_CASE)
    rows = parts["validation"].drop_columns([serving_contract().target]).to_pylist()
    bodies = [json.dumps({"instances": [row]}).encode() for row in rows[:BODIES]]
    cloud = offline_cloud.up(folder / "cloud", STATE / "localstack-env", owner=os.getpid())
    environment = {**cloud.environment, "SAGEMAKER_LOCAL_IMAGES": str(STATE / "images")}
    try:
        with servers.sagemaker_local(folder / "sagemaker", port := free_port(), **environment) as process:
            deploy(Caller(port), cloud.environment["AWS_ENDPOINT_URL"], model)
            direct = servers.listening_below(process)
            through = [http_request(port, "/endpoints/e/invocations", body, _HEADERS) for body in bodies]
            alone = [http_request(direct, "/invocations", body, _HEADERS) for body in bodies]
            for connections in CONNECTIONS:
                yield _figure(candidate, connections, (port, through), (direct, alone))
    finally:
        offline_cloud.down(folder / "cloud")


def _figure(
    candidate: str, connections: int, through: tuple[int, list[bytes]], direct: tuple[int, list[bytes]]
) -> Figure:
    medians: dict[int, list[float]] = {}
    for turn in range(1 + ROUNDS):
        for port, requests in (through, direct):
            load = run_load(port, requests, connections, SECONDS)
            if load.failures or set(load.statuses) != {200}:
                raise RuntimeError(f"{dict(load.statuses)} {load.failures[:3]} {load.last[:500]!r}")
            if turn:  # the first one warms up
                medians.setdefault(port, []).append(1e3 * load.percentile(0.5))
    ours, theirs = (statistics.median(medians[port]) for port, _ in (through, direct))
    count = f"{connections} connection{'' if connections == 1 else 's'}"
    return Figure(
        f"InvokeEndpoint, {candidate} of {USE_CASE}, 1 row, {count}, median",
        "the same container, asked directly", ours, theirs, "ms", "at most 1 ms more", ours - theirs <= MOST_MS,
    )  # fmt: skip


def serving_contract() -> Any:
    """The contract of the use case's models."""
    from config.use_case import load_use_case
    from tasks.model_contract import contract

    return contract(load_use_case(USE_CASE))


def best_model(folder: Path) -> tuple[dict[str, pa.Table], str, Path]:
    """Train every candidate of the use case. Returns the parts of its rows, and the best one's name and folder."""
    from config.use_case import load_use_case

    case, terms, parts = load_use_case(USE_CASE), serving_contract(), split_rows()
    found = {}
    for candidate in case.candidates:
        arguments = (folder / candidate.name, terms, parts, candidate.algorithm, candidate.hyperparameters)
        serving_model.run_training_job(*arguments)
        metrics = json.loads((folder / candidate.name / "output" / "metrics.json").read_text())
        found[candidate.name] = metrics.get(f"validation:{terms.primary}", -math.inf)
    best = max(found, key=lambda name: found[name])
    return parts, best, folder / best / "model"


def split_rows() -> dict[str, pa.Table]:
    """The typed features and targets of the use case's rows, every fifth row for validation."""
    from config.use_case import load_use_case
    from tasks.sources import open_source
    from tests.source_rows import typed_frame

    case = load_use_case(USE_CASE)
    frame = typed_frame(case, open_source(case.source, None, USE_CASE, ()))
    terms = serving_contract()
    assert case.rule is not None
    values = case.rule.evaluate({name: frame[name] for name in case.rule.names}, len(frame))
    target = pa.array(np.where(values.data, terms.classes[1], terms.classes[0]))
    table = pa.Table.from_pandas(frame[[column.name for column in terms.features]], preserve_index=False)
    table = table.append_column(terms.target, target).replace_schema_metadata()
    validation = np.arange(len(table)) % 5 == 0
    return {"train": table.filter(pa.array(~validation)), "validation": table.filter(pa.array(validation))}


def deploy(caller: Caller, s3_url: str, model: Path) -> None:
    """Create the endpoint of a model folder, and wait until it is in service."""
    s3: Any = boto3.client(
        "s3", region_name="us-east-1", endpoint_url=s3_url, aws_access_key_id="test", aws_secret_access_key="test"
    )
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_object(Bucket=_BUCKET, Key="model.tar.gz", Body=packed_folder(model))
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    data = f"s3://{_BUCKET}/model.tar.gz"
    container = {"Image": _IMAGE, "ModelDataUrl": data, "Environment": environment}
    caller.call("CreateModel", ModelName=USE_CASE.replace("_", "-"), ExecutionRoleArn=_ROLE, PrimaryContainer=container)
    variant = {
        "VariantName": "v", "ModelName": USE_CASE.replace("_", "-"), "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }  # fmt: skip
    caller.call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant])
    caller.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    while (status := caller.call("DescribeEndpoint", EndpointName="e")["EndpointStatus"]) != "InService":
        if status == "Failed":
            raise RuntimeError(caller.call("DescribeEndpoint", EndpointName="e")["FailureReason"])
        time.sleep(0.05)
