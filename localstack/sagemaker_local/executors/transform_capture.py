"""Data capture of a transform job: manifests of its input and output, and inference ids in the output.

Source: "Capture data from batch transform job" in AWS's developer guide.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sagemaker_local import aws
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.transform_objects import InputObject, output_uri
from sagemaker_local.s3 import split_uri


@dataclass(frozen=True)
class Stamp:
    """GenerateInferenceId appends to each record its own id, and the start time of the job."""

    started: float

    def on(self, value: Any, *, is_csv: bool) -> Any:
        """A result with two more columns, or two more attributes."""
        moment = datetime.fromtimestamp(self.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if is_csv:
            return [*(value if isinstance(value, list) else [value]), str(uuid4()), moment]
        result = value if isinstance(value, dict) else {"SageMakerOutput": value}
        return {**result, "SageMakerInferenceId": str(uuid4()), "SageMakerInferenceTime": moment}


def write_manifests(destination: str, objects: list[InputObject], output: str, started: float, region: str) -> None:
    """One manifest below `input/yyyy/mm/dd/hh`, and one below `output`.

    Raises:
        JobFailure: S3 refuses them.
    """
    if not objects:
        return
    first = objects[0]
    into = f"s3://{first.bucket}/{first.key.removesuffix(first.relative)}"
    names = [item.relative for item in objects]
    hour = datetime.fromtimestamp(started, UTC).strftime("%Y/%m/%d/%H")
    results = [output_uri(item, "") for item in objects]
    for folder, prefix, entries in (
        ("input", into, names),
        ("output", f"{output.rstrip('/')}/", [name.lstrip("/") for name in results]),
    ):
        uri = f"{destination.rstrip('/')}/{folder}/{hour}/{uuid4()}.json"
        bucket, key = split_uri(uri)
        content = json.dumps([{"prefix": prefix}, *entries]).encode()
        try:
            aws.client("s3", region).put_object(Bucket=bucket, Key=key, Body=content)
        except Exception as error:
            raise JobFailure(f"ClientError: Failed to write captured data to {uri}: {error}") from error
