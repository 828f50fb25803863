"""Asynchronous inference: requests that wait in a queue, with input and output in S3 and notifications by SNS."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local import aws
from sagemaker_local.container_http import ContainerResponse
from sagemaker_local.errors import AwsError, JobFailure
from sagemaker_local.invocation_call import Call
from sagemaker_local.invocations import answer, require_fleet
from sagemaker_local.s3 import split_uri

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_TIME_IN_QUEUE, _TIME_TO_ANSWER = 21_600, 900  # seconds; AWS's defaults
_LARGEST_IN_NOTICE = 128_000


@dataclass(frozen=True)
class Accepted:
    """A queued request."""

    inference_id: str
    output: str
    failure: str | None


@dataclass(frozen=True)
class _Queued:
    call: Call
    config: dict[str, Any]
    accepted: Accepted
    received: float


class AsynchronousInference:
    """The queues of asynchronous endpoints. Belongs to the server's event loop; a restart empties them."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._places: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, engine: Engine, call: Call, config: dict[str, Any]) -> Accepted:
        """Puts a request into its endpoint's queue, and returns the location of the answer."""
        accepted = _accepted(call, config["OutputConfig"])
        queued = _Queued(call, config, accepted, time.time())
        task = asyncio.create_task(self._process(engine, queued))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return accepted

    async def _process(self, engine: Engine, queued: _Queued) -> None:
        try:
            async with self._place(engine, queued):
                response = await self._answer(engine, queued)
            await asyncio.to_thread(self._put, queued.accepted.output, response.body, response.headers)
            await asyncio.to_thread(self._notify, queued, response, None)
        except (AwsError, JobFailure) as failure:
            await asyncio.to_thread(self._fail, queued, failure)

    def _place(self, engine: Engine, queued: _Queued) -> asyncio.Semaphore:
        """A semaphore of the requests that run at once: MaxConcurrentInvocationsPerInstance for each instance."""
        name = queued.call.endpoint
        count = sum(len(variant.instances) for variant in require_fleet(engine, name).variants.values())
        limit = queued.config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", os.cpu_count() or 1)
        places = limit * max(count, 1)
        return self._places.setdefault((name, places), asyncio.Semaphore(places))

    async def _answer(self, engine: Engine, queued: _Queued) -> ContainerResponse:
        members = queued.call.members
        if time.time() - queued.received > members.get("RequestTTLSeconds", _TIME_IN_QUEUE):
            raise JobFailure("ClientError: The request expired in the queue.")
        body = queued.call.body or await asyncio.to_thread(self._read, members["InputLocation"])
        timeout = float(members.get("InvocationTimeoutSeconds", _TIME_TO_ANSWER))
        fleet = require_fleet(engine, queued.call.endpoint)
        answered = await answer(engine, fleet, replace(queued.call, body=body, timeout=timeout))
        if not isinstance(answered.response, ContainerResponse):
            raise TypeError("an asynchronous answer is not streamed")
        return answered.response

    def _read(self, location: str) -> bytes:
        bucket, key = split_uri(location)
        try:
            return bytes(aws.client("s3", self._region).get_object(Bucket=bucket, Key=key)["Body"].read())
        except Exception as error:
            raise JobFailure(f"ClientError: Failed to download the input {location}: {error}") from error

    def _put(self, location: str, body: bytes, headers: dict[str, str]) -> None:
        bucket, key = split_uri(location)
        content_type = headers.get("content-type", "application/octet-stream")
        try:
            client = aws.client("s3", self._region)
            client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except Exception as error:
            raise JobFailure(f"ClientError: Failed to upload the answer to {location}: {error}") from error

    def _fail(self, queued: _Queued, failure: AwsError | JobFailure) -> None:
        original = str(getattr(failure, "extra", {}).get("OriginalMessage", failure))
        if queued.accepted.failure:
            try:
                self._put(queued.accepted.failure, original.encode(), {"content-type": "text/plain"})
            except JobFailure as error:
                print(f"{error}", file=sys.stderr)  # noqa: T201
        self._notify(queued, None, f"ClientError: {failure}" if isinstance(failure, AwsError) else str(failure))

    def _notify(self, queued: _Queued, response: ContainerResponse | None, reason: str | None) -> None:
        notification = queued.config["OutputConfig"].get("NotificationConfig", {})
        topic = notification.get("SuccessTopic" if response else "ErrorTopic")
        if topic is None:
            return
        message = self._message(queued, response, reason)
        kind = "SUCCESS_NOTIFICATION_TOPIC" if response else "ERROR_NOTIFICATION_TOPIC"
        if kind in notification.get("IncludeInferenceResponseIn", []):
            content = response.body if response else (reason or "").encode()
            message["responseBody"] = {
                "content": base64.b64encode(content[:_LARGEST_IN_NOTICE]).decode(),
                "message": "Check S3 path location(if configured) or Cloudwatch for additional details.",
                "encoding": "BASE64",
            }
        try:
            aws.client("sns", self._region).publish(TopicArn=topic, Message=json.dumps(message))
        except Exception as error:  # noqa: BLE001
            print(f"SNS topic {topic} can't be reached: {error}", file=sys.stderr)  # noqa: T201

    def _message(self, queued: _Queued, response: ContainerResponse | None, reason: str | None) -> dict[str, Any]:
        members, accepted = queued.call.members, queued.accepted
        asked = {"accept": "Accept", "contentType": "ContentType", "inputLocation": "InputLocation"}
        message: dict[str, Any] = {
            "awsRegion": self._region,
            "eventTime": _iso(time.time()),
            "receivedTime": _iso(queued.received),
            "invocationStatus": "Completed" if response else "Failed",
            **({} if response else {"failureReason": reason}),
            "requestParameters": {
                "endpointName": queued.call.endpoint,
                **{name: members[member] for name, member in asked.items() if member in members},
            },
        }
        if response:
            message["responseParameters"] = {
                "contentType": response.headers.get("content-type", "application/octet-stream"),
                "outputLocation": accepted.output,
            }
        elif accepted.failure:
            message["responseParameters"] = {"outputLocation": accepted.failure}
        return {
            **message,
            "inferenceId": accepted.inference_id,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }


def _accepted(call: Call, output: dict[str, Any]) -> Accepted:
    members, name = call.members, str(uuid4())
    folder = output["S3OutputPath"].rstrip("/")
    if extension := members.get("S3OutputPathExtension", "").strip("/"):
        folder = f"{folder}/{extension}"
    failures = output.get("S3FailurePath")
    return Accepted(
        members.get("InferenceId", str(uuid4())),
        f"{folder}/{members.get('Filename', f'{name}.out')}",
        f"{failures.rstrip('/')}/{name}-error.out" if failures else None,
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
