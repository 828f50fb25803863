"""Steady load on a model server and on an endpoint, while workers are killed at random and models are deployed."""

import json
import os
import random
import signal
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil

from tests.benchmarks import servers
from tests.endpoints import packed_folder
from tests.load_generator import Load, http_request, run_load
from tests.patience import PATIENCE, until
from tests.sagemaker_local.support import IMAGE, ROLE, SIGNED
from tests.scripts.models import ROW, saved_model
from tests.serving.server.running_server import running_server

SECONDS, KILL_EVERY, DEPLOYMENTS, CONNECTIONS = 600.0, 5.0, 2, 4
SEED = 12
GROWTH = 1.1
"""How much more memory the last part of the run may need than the part after the start."""
SAMPLE_SECONDS = 1.0
JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": SIGNED}
BODY = json.dumps({"instances": [ROW]}).encode()
OVERLOAD = 429


@dataclass(frozen=True)
class Endured:
    """What came back from one target, and its memory."""

    target: str
    seconds: float
    answered: int
    overload: int
    """Requests that were refused because too many waited."""
    failed: int
    """Requests with another status, without an answer, or with a wrong one."""
    kills: int
    deployments: int
    memory: tuple[float, ...]
    """MB of the process tree (PSS), sampled."""
    problems: tuple[str, ...] = field(default=())

    @property
    def growth(self) -> float:
        """The median memory of the last quarter of the run, divided by that of the second quarter."""
        quarter = max(1, len(self.memory) // 4)
        return statistics.median(self.memory[-quarter:]) / statistics.median(self.memory[quarter : 2 * quarter])

    @property
    def as_it_should_be(self) -> bool:
        """Whether every request was answered or refused for overload, and the memory is flat."""
        return self.answered > 0 and not self.failed and self.growth <= GROWTH

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            "target": self.target,
            "seconds": f"{self.seconds:.0f}",
            "requests": f"{self.answered:,}",
            "overload": str(self.overload),
            "failed": str(self.failed),
            "workers killed": str(self.kills),
            "deployments": str(self.deployments),
            "MB, after the start and at the end": f"{self.memory[len(self.memory) // 4]:.0f}, {self.memory[-1]:.0f}",
            "growth": f"{self.growth:.2f}",
        }


def endure_all(folder: Path, seconds: float = SECONDS) -> Iterator[Endured]:
    """Yield what came of the server and of the endpoint, both under load at the same time."""
    with endpoint_target(folder) as endpoint, server_target(folder) as server, ThreadPoolExecutor() as threads:
        runs = [threads.submit(endure, target, seconds) for target in (server, endpoint)]
        for run in runs:
            yield run.result()


@dataclass(frozen=True)
class Target:
    """What gets the load."""

    name: str
    port: int
    path: str
    process: int
    """The root of its process tree."""
    deploy: Callable[[], None] | None = None
    """Deploys a model, and returns when it is done."""


def endure(target: Target, seconds: float, kill_every: float = KILL_EVERY) -> Endured:
    """Send requests for so long, and meanwhile kill workers, deploy, and measure the memory."""
    over, memory, problems = threading.Event(), list[float](), list[str]()
    request = http_request(target.port, target.path, BODY, JSON_HEADERS)
    expected = run_load(target.port, [request], 1, 0).last
    with ThreadPoolExecutor() as threads:
        killed = threads.submit(_kill_at_random, target.process, over, kill_every)
        threads.submit(_sample, target.process, over, memory)
        deployed = threads.submit(_deploy, target.deploy, seconds, over)
        checked = partial(_check, expected, problems)
        try:
            load = run_load(target.port, [request], CONNECTIONS, seconds, answered=checked)
        finally:
            over.set()
        return _endured(target, load, killed.result(), deployed.result(), memory, problems)


def _endured(
    target: Target, load: Load, kills: int, deployments: int, memory: Sequence[float], problems: Sequence[str]
) -> Endured:
    overload = load.statuses[OVERLOAD] + problems.count(str(OVERLOAD))
    wrong = [*load.failures, *(problem for problem in problems if problem != str(OVERLOAD))]
    return Endured(
        target.name, load.seconds, load.statuses[200], overload, len(wrong), kills, deployments, tuple(memory),
        tuple(wrong[:5]),
    )  # fmt: skip


def _check(expected: bytes, problems: list[str], status: int, body: bytes) -> None:
    """Note an answer that is not the expected one. InvokeEndpoint answers 424 for a 429 of the container."""
    if status == 424 and json.loads(body).get("OriginalStatusCode") == OVERLOAD:
        problems.append(str(OVERLOAD))
    elif (status, body) != (200, expected) and status != OVERLOAD:
        problems.append(f"{status} {body[:200]!r}")


def _kill_at_random(process: int, over: threading.Event, every: float) -> int:
    """Kill a worker now and then. Returns the number of kills."""
    chance, kills = random.Random(SEED), 0  # noqa: S311  seeded
    while not over.wait(chance.uniform(0.5, 1.5) * every):
        if workers := workers_below(process):
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
    return kills


def workers_below(process: int) -> list[int]:
    """The worker processes of our server below a process: the children of a front's child."""
    found = []
    for front in _tree(process):
        if "serving.server" in _command(front) and "serving.server" not in _command(psutil.Process(front).parent()):
            loaders = _children(front)
            found += [worker for loader in loaders for worker in _children(loader)]
    return found


def _tree(process: int) -> list[int]:
    return [process, *(child.pid for child in psutil.Process(process).children(recursive=True))]


def _children(process: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(process).children()]
    except psutil.Error:
        return []


def _command(process: int | psutil.Process | None) -> list[str]:
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return list(found.cmdline()) if found else []
    except psutil.Error:
        return []


def _sample(process: int, over: threading.Event, memory: list[float]) -> None:
    while not over.wait(SAMPLE_SECONDS):
        memory.append(servers.memory(process))


def _deploy(deploy: Callable[[], None] | None, seconds: float, over: threading.Event) -> int:
    """Deploy at equal distances. Returns the number of deployments that were done before the end of the load."""
    done = 0
    while deploy and done < DEPLOYMENTS and not over.wait(seconds / (DEPLOYMENTS + 1) / 2):
        deploy()
        done += not over.is_set()
    return done


@contextmanager
def server_target(folder: Path) -> Iterator[Target]:
    """Our server by itself, with the small model."""
    base = folder / "server"
    (base / "model").mkdir(parents=True)
    saved_model(base / "model", "xgboost")
    with running_server(base, "serving.server") as server:
        yield Target("our server", server.port, "/invocations", server.process.pid)


@contextmanager
def endpoint_target(folder: Path) -> Iterator[Target]:
    """An endpoint of the offline cloud that this process is connected to."""
    model = folder / "endpoint-model"
    model.mkdir()
    saved_model(model, "xgboost")
    deploying = _Endpoint(packed_folder(model))
    url = urlsplit(os.environ["AWS_ENDPOINT_URL_SAGEMAKER"])
    port = url.port or 80
    yield Target("InvokeEndpoint", port, f"/endpoints/{deploying.name}/invocations", _listener(port), deploying.update)
    deploying.delete()


def _listener(port: int) -> int:
    """The process that listens on a port of this machine."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,) and connection.pid:
            return int(connection.pid)
    raise LookupError(f"nothing listens on port {port}")


class _Endpoint:
    """An endpoint that gets a new config for each deployment."""

    def __init__(self, archive: bytes) -> None:
        self.name = f"endured-{os.getpid()}"
        client: Callable[..., Any] = boto3.client
        self._sagemaker, s3 = client("sagemaker", region_name="us-east-1"), client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=self.name)
        s3.put_object(Bucket=self.name, Key="model.tar.gz", Body=archive)
        environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
        data = f"s3://{self.name}/model.tar.gz"
        container = {"Image": IMAGE, "ModelDataUrl": data, "Environment": environment}
        self._sagemaker.create_model(ModelName=self.name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        self._configs = 0
        self._sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self._config())
        self._settled()

    def update(self) -> None:
        """Deploy again, blue and green, and wait for the end."""
        self._sagemaker.update_endpoint(EndpointName=self.name, EndpointConfigName=self._config())
        self._settled()

    def delete(self) -> None:
        self._sagemaker.delete_endpoint(EndpointName=self.name)

    def _config(self) -> str:
        self._configs += 1
        name = f"{self.name}-{self._configs}"
        variant = {"VariantName": "v", "ModelName": self.name, "InitialInstanceCount": 1}
        variants = [{**variant, "InstanceType": "ml.m5.large"}]
        self._sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
        return name

    def _settled(self) -> None:
        def status() -> str:
            return str(self._sagemaker.describe_endpoint(EndpointName=self.name)["EndpointStatus"])

        assert until(status, lambda found: found in ("InService", "Failed"), PATIENCE) == "InService"
