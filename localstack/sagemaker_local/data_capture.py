"""DataCaptureConfig: what went into and came out of an endpoint, as JSON lines in S3, in batches of about a second."""

from __future__ import annotations

import base64
import json
import random
import sys
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sagemaker_local import aws
from sagemaker_local.s3 import split_uri

_EVERY = 1.0
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


def is_sampled(config: dict[str, Any] | None) -> bool:
    """Whether the next request is captured."""
    if not config or not config.get("EnableCapture", True):
        return False
    return random.random() * 100 < float(config["InitialSamplingPercentage"])  # noqa: S311


class CaptureWriter:
    """Writes captured requests from a thread of its own."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._waiting: deque[Captured] = deque(maxlen=_MOST_WAITING)
        self._writing = threading.Lock()
        self._over = threading.Event()
        self._complained = False
        threading.Thread(target=self._run, name="data-capture", daemon=True).start()

    def add(self, captured: Captured) -> None:
        self._waiting.append(captured)

    def flush(self) -> None:
        """Returns when all that was captured so far is in S3, or could not be written."""
        with self._writing:
            folders: dict[str, list[Captured]] = defaultdict(list)
            for _ in range(len(self._waiting)):
                captured = self._waiting.popleft()
                folders[captured.folder].append(captured)
            for folder, found in folders.items():
                self._put(folder, found)

    def close(self) -> None:
        self._over.set()
        self.flush()

    def _put(self, folder: str, found: list[Captured]) -> None:
        began = found[0].time
        name = f"{began:%M-%S}-{began.microsecond // 1000:03d}-{uuid4()}.jsonl"
        body = "".join(captured.line() + "\n" for captured in found)
        try:
            bucket, key = split_uri(f"{folder}/{name}")
            aws.client("s3", self._region).put_object(Bucket=bucket, Key=key, Body=body.encode())
        except Exception as error:  # noqa: BLE001
            if not self._complained:
                print(f"Captured data can't be written to {folder} and is lost: {error}", file=sys.stderr)  # noqa: T201
            self._complained = True

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            self.flush()


def now() -> datetime:
    return datetime.now(UTC)


def _encoded(body: bytes, content_type: str, headers: dict[str, list[str]]) -> tuple[str, str]:
    media = content_type.split(";")[0].strip().lower()
    for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if media in (item.lower() for item in headers.get(member, [])):
            return encoding, body.decode(errors="replace")
    return "BASE64", base64.b64encode(body).decode()
