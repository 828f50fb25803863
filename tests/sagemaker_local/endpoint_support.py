"""Shared by the tests of endpoints: a server with short waiting times, steady requests."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tests.conftest import LOCALSTACK_ENV
from tests.patience import PATIENCE
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.support import Bench, unique, until

BETWEEN_REQUESTS = 0.05
"""Seconds between two requests, so that they leave processor time to the update under test."""
FAILS = """
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    raise RuntimeError("a bad release")
"""


@contextmanager
def own_server(cloud: Cloud, state: Path, *arguments: str) -> Iterator[Bench]:
    """A separate SageMaker local that uses the cloud's LocalStack, for the length of the block."""
    command = [sys.executable, "-m", "sagemaker_local", "--port", "0", "--state-dir", str(state), *arguments]
    images = {"SAGEMAKER_LOCAL_IMAGES": str(LOCALSTACK_ENV.parent / "images")}
    process = subprocess.Popen(command, env={**os.environ, **images, **cloud.environment})
    try:
        until((state / "server.json").exists, bool)
        port = until(lambda: json.loads((state / "server.json").read_text() or "{}").get("port"), bool)
        yield make_bench(cloud.environment, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def variant(model: str, name: str = "v", **more: Any) -> dict[str, Any]:
    """A ProductionVariant of one instance with a weight of 1; `more` overrides members."""
    usual = {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large", "InitialVariantWeight": 1.0}
    return {"VariantName": name, "ModelName": model, **usual, **more}


def config_of(bench: Bench, *variants: dict[str, Any], **more: Any) -> str:
    """Creates an endpoint config, and returns its name."""
    name = unique("config")
    bench.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **more)
    return name


def described(bench: Bench, endpoint: str) -> dict[str, Any]:
    return dict(bench.sagemaker.describe_endpoint(EndpointName=endpoint))


def printed(bench: Bench, endpoint: str, variant_name: str) -> list[str]:
    """The output of a variant's containers so far."""
    return bench.printed(f"/aws/sagemaker/Endpoints/{endpoint}", f"{variant_name}/i-")


@contextmanager
def steady_requests(bench: Bench, endpoint: str, threads: int = 2) -> Iterator[list[str]]:
    """Invokes the endpoint as long as the block lasts; yields the list of answers, errors among them."""
    answers: list[str] = []
    over = threading.Event()

    def load() -> None:
        while not over.wait(BETWEEN_REQUESTS):
            try:
                answers.append(bench.invoke(endpoint))
            except ClientError as error:
                answers.append(error.response["Error"]["Code"])

    loaders = [threading.Thread(target=load) for _ in range(threads)]
    for loader in loaders:
        loader.start()
    try:
        yield answers
    finally:
        over.set()
        for loader in loaders:
            loader.join()
