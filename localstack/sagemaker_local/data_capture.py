"""DataCaptureConfig: requests to an endpoint and their answers, as JSON lines in S3, in batches of about a second."""

from __future__ import annotations

import base64
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local import aws
from sagemaker_local.batch_writer import BatchWriter
from sagemaker_local.best_effort import BestEffort
from sagemaker_local.invocation_call import DEFAULT_TYPE, Call
from sagemaker_local.s3 import split_uri

if TYPE_CHECKING:
    from sagemaker_local.container_http import ContainerResponse
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.fleets import Fleet

_MOST_WAITING = 20_000


@dataclass(frozen=True)
class Captured:
    """One request and its answer."""

    config: dict[str, Any]
    """The endpoint's DataCaptureConfig."""
    endpoint: str
    variant: str
    time: datetime
    request: bytes
    request_type: str
    response: bytes
    response_type: str
    custom_attributes: str | None = None
    inference_id: str | None = None

    @property
    def folder(self) -> str:
        """`s3://…/<endpoint>/<variant>/yyyy/mm/dd/hh`."""
        root = self.config["DestinationS3Uri"].rstrip("/")
        return f"{root}/{self.endpoint}/{self.variant}/{self.time:%Y/%m/%d/%H}"

    def line(self) -> str:
        """The JSON line, in the layout of AWS's event version 0."""
        modes = {option["CaptureMode"] for option in self.config["CaptureOptions"]}
        data: dict[str, Any] = {}
        if modes & {"Input", "InputAndOutput"}:
            data["endpointInput"] = self._part("INPUT", self.request, self.request_type)
        if modes & {"Output", "InputAndOutput"}:
            data["endpointOutput"] = self._part("OUTPUT", self.response, self.response_type)
        metadata: dict[str, Any] = {"eventId": str(uuid4())}
        if self.custom_attributes is not None:
            metadata["customAttributes"] = [self.custom_attributes]
        if self.inference_id is not None:
            metadata["inferenceId"] = self.inference_id
        metadata["inferenceTime"] = f"{self.time:%Y-%m-%dT%H:%M:%SZ}"
        return json.dumps({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"})

    def _part(self, mode: str, body: bytes, content_type: str) -> dict[str, str]:
        encoding, data = _encoded(body, content_type, self.config.get("CaptureContentTypeHeader", {}))
        return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}


def capture(engine: Engine, fleet: Fleet, variant: str, call: Call, response: ContainerResponse) -> None:
    """Captures a request and its answer, unless the fleet's configuration leaves it out."""
    config = fleet.spec["DataCapture"]
    if config is None or not _is_sampled(config):
        return
    engine.executors.endpoints.captures.add(
        Captured(
            config,
            call.endpoint,
            variant,
            datetime.now(UTC),
            call.body,
            call.members.get("ContentType", DEFAULT_TYPE),
            response.body,
            response.headers.get("content-type", DEFAULT_TYPE),
            call.members.get("CustomAttributes"),
            call.members.get("InferenceId"),
        )
    )


class CaptureWriter(BatchWriter[Captured]):
    """Writes captured requests to S3, an object for each folder of a batch."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._best_effort = BestEffort()
        super().__init__("data-capture", _MOST_WAITING)

    def write(self, items: list[Captured]) -> None:
        folders: dict[str, list[Captured]] = defaultdict(list)
        for captured in items:
            folders[captured.folder].append(captured)
        for folder, found in folders.items():
            loss = f"Captured data can't be written to {folder} and is lost"
            self._best_effort.send(partial(self._put, folder, found), loss)

    def _put(self, folder: str, found: list[Captured]) -> None:
        began = found[0].time
        name = f"{began:%M-%S}-{began.microsecond // 1000:03d}-{uuid4()}.jsonl"
        body = "".join(captured.line() + "\n" for captured in found)
        bucket, key = split_uri(f"{folder}/{name}")
        aws.client("s3", self._region).put_object(Bucket=bucket, Key=key, Body=body.encode())


def _is_sampled(config: dict[str, Any]) -> bool:
    if not config.get("EnableCapture", True):
        return False
    return random.random() * 100 < float(config["InitialSamplingPercentage"])  # noqa: S311


def _encoded(body: bytes, content_type: str, headers: dict[str, list[str]]) -> tuple[str, str]:
    media = content_type.split(";")[0].strip().lower()
    for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if media in (item.lower() for item in headers.get(member, [])):
            return encoding, body.decode(errors="replace")
    return "BASE64", base64.b64encode(body).decode()
