"""The serving containers of one instance of a transform job, in sequence."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local import strict_json
from sagemaker_local.executors.containers import ServingContainer

if TYPE_CHECKING:
    from sagemaker_local.executors import Tools

LOG_GROUP = "/aws/sagemaker/TransformJobs"
_STARTUP_TIMEOUT = 1800  # seconds after which a container that does not answer /ping has failed, as on AWS
_ASK_TIMEOUT = 10.0
_RETRY_AFTER = 0.2
_LONGEST_ANSWER = 1 << 16  # bytes of /execution-parameters
_JSON_NAMES = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}


@dataclass(frozen=True)
class Answer:
    status: int
    """0 when there was no answer."""
    body: bytes
    content_type: str = ""


class TransformContainer(ServingContainer):
    """A serving container whose output goes to the logs of a transform job."""

    def __init__(self, tools: Tools, job: str, stream: str, variant: dict[str, Any]) -> None:
        super().__init__(tools, job, variant)
        self.log.close()
        self.log = tools.logs.stream(LOG_GROUP, stream)
        self._connections = threading.local()

    def execution_parameters(self) -> dict[str, Any]:
        """The container's BatchStrategy, MaxConcurrentTransforms and MaxPayloadInMB; {} if it has none."""
        return execution_parameters(self._port)

    def invoke(self, payload: bytes, headers: dict[str, str], timeout: float) -> Answer:
        """Sends one request; returns an Answer with status 0 when the container gives none in time."""
        connection = getattr(self._connections, "open", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
            self._connections.open = connection
        try:
            connection.request("POST", "/invocations", payload, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.headers.get("Content-Type", ""))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._connections.open = None
            return Answer(0, str(error).encode())


class TransformInstance:
    """One instance of a transform job: a container, or several of an inference pipeline."""

    def __init__(self, tools: Tools, job: str, stream: str, body: dict[str, Any]) -> None:
        self._cancelled = threading.Event()
        self._headers = {"Content-Type": body["TransformInput"].get("ContentType", "")}
        self._accept = body["TransformOutput"].get("Accept", "")
        client = body.get("ModelClientConfig", {})
        self._timeout = client.get("InvocationsTimeoutInSeconds", 600)
        self._retries = client.get("InvocationsMaxRetries", 3)
        own = _environment(body)
        several = len(body["_Containers"]) > 1
        self._containers = []
        for number, container in enumerate(body["_Containers"], start=1):
            name = container.get("ContainerHostname", f"container-{number}")
            variant = {
                "VariantName": name,
                "StartupTimeout": _STARTUP_TIMEOUT,
                "NetworkIsolation": body["_NetworkIsolation"],
                "Container": {**container, "Environment": {**container.get("Environment", {}), **own}},
            }
            of_container = f"{stream}/{name}" if several else stream
            self._containers.append(TransformContainer(tools, job, of_container, variant))

    def start(self) -> None:
        """Returns when all containers answer /ping.

        Raises:
            JobFailure: one of them does not.
        """
        for container in self._containers:
            container.start(self._cancelled)

    def execution_parameters(self) -> dict[str, Any]:
        return self._containers[0].execution_parameters()

    def invoke(self, payload: bytes) -> Answer:
        """Passes a payload through all containers; repeats requests that failed for another reason than the payload."""
        headers = {name: value for name, value in self._headers.items() if value}
        answer = Answer(0, b"")
        for container in self._containers:
            last = container is self._containers[-1]
            accept = {"Accept": self._accept} if last and self._accept else {}
            answer = self._invoke_one(container, payload, {**headers, **accept})
            if not 200 <= answer.status < 300:
                return answer
            payload, headers = answer.body, {"Content-Type": answer.content_type} if answer.content_type else {}
        return answer

    def stop(self) -> None:
        self._cancelled.set()
        for container in self._containers:
            container.stop()

    def kill(self) -> None:
        """Ends the processes at once; requests in progress get no answer."""
        self._cancelled.set()
        for container in self._containers:
            container.kill()

    def _invoke_one(self, container: TransformContainer, payload: bytes, headers: dict[str, str]) -> Answer:
        answer = container.invoke(payload, headers, self._timeout)
        for _ in range(self._retries):
            if 200 <= answer.status < 500 or self._cancelled.wait(_RETRY_AFTER):
                break
            answer = container.invoke(payload, headers, self._timeout)
        return answer


def execution_parameters(port: int) -> dict[str, Any]:
    """The answer of `GET /execution-parameters`, with names and values of CreateTransformJob; {} if there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ASK_TIMEOUT)
    try:
        connection.request("GET", "/execution-parameters")
        response = connection.getresponse()
        answer = strict_json.loads(response.read(_LONGEST_ANSWER)) if response.status == http.client.OK else {}
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    if not isinstance(answer, dict):
        return {}
    numbers = {
        name: answer[name] for name in ("MaxConcurrentTransforms", "MaxPayloadInMB") if _is_count(answer.get(name))
    }
    strategy = _JSON_NAMES.get(str(answer.get("BatchStrategy")))
    return {**numbers, **({"BatchStrategy": strategy} if strategy else {})}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _environment(body: dict[str, Any]) -> dict[str, str]:
    """By "How SageMaker Runs Your Inference Image": values that the request lacks are not passed."""
    strategies = {said: name for name, said in _JSON_NAMES.items()}
    told = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": body.get("MaxPayloadInMB"),
        "SAGEMAKER_BATCH_STRATEGY": strategies.get(body.get("BatchStrategy", "")),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": body.get("MaxConcurrentTransforms"),
    }
    return {**{name: str(value) for name, value in told.items() if value is not None}, **body.get("Environment", {})}
