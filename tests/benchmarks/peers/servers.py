"""Starts the peers: the same number of worker processes, one thread each, JSON bodies of the same rows as numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sagemaker_local.images import VARIABLE as IMAGES_VARIABLE
from sagemaker_local.images import environment_for
from tests.benchmarks import serving_model
from tests.benchmarks.process_memory import memory_alone
from tests.benchmarks.servers import free_port
from tests.load_generator import http_request, run_load

WORKERS = 2
"""Worker processes of every server, ours too."""
PROJECT = Path(__file__).parents[3]
HERE = Path(__file__).parent
START_SECONDS = 120
IMAGE = "vishwaops-model-1"
"""Ours runs in the environment of our own image; the peers in that of the project."""
os.environ.setdefault(IMAGES_VARIABLE, str(PROJECT / ".vishwaops" / "images"))
ARROW, ARROW_ROWS = "application/vnd.apache.arrow.stream", 10_000
"""From so many rows on, ours gets Arrow, and answers it."""
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
Body = Callable[[pa.Table], bytes]


@dataclass(frozen=True)
class Peer:
    """How one server is started and asked."""

    name: str
    command: Callable[[Path, int], list[str]]
    """The command for a folder of its own, which has the models, and a port."""
    body: Body
    path: str = "/invocations"
    environment: Mapping[str, str] | None = None
    prepare: Callable[[Path], object] = lambda folder: None
    headers: Callable[[int], Mapping[str, str]] = lambda rows: JSON


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    peer: Peer
    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float
    """From the start of the process to its first prediction."""
    idle_mb: float
    """The memory of the process tree after that, shared pages counted once."""

    def requests(self, tables: list[pa.Table]) -> list[bytes]:
        """A request for each table."""
        path, headers = self.peer.path, self.peer.headers(len(tables[0]))
        return [http_request(self.port, path, self.peer.body(table), headers) for table in tables]


@contextmanager
def running(peer: Peer, folder: Path, log: Path) -> Iterator[Running]:
    """The server, which ends with the block. `folder` has `model`, ours, and `peers.ubj`, the peers'."""
    peer.prepare(folder)
    port = free_port()
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PEER_MODEL": str(folder / "peers.ubj"),
        "MLFLOW_TRACKING_URI": (folder / "mlruns").as_uri(),
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": str(WORKERS),
        **(peer.environment or {}),
    }
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            peer.command(folder, port), env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        server = Running(peer, port, process, 0.0, 0.0)
        _wait(server, log)
        seconds = time.monotonic() - began
        time.sleep(1)  # workers that start later, and the garbage of the start
        yield Running(peer, port, process, seconds, memory_alone(process.pid))
    finally:
        _end(process)


def _wait(server: Running, log: Path) -> None:
    request = server.requests([serving_model.rows(1, seed=1)])
    for _ in range(START_SECONDS * 50):
        if server.process.poll() is not None:
            break
        load = run_load(server.port, request, 1, 0)
        if load.statuses[200]:
            return
        time.sleep(0.02)
    raise RuntimeError(f"{server.peer.name} does not answer: {load.statuses} {load.last!r}\n{log.read_text()[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: not every server ends its workers."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def _instances(table: pa.Table) -> bytes:
    return json.dumps({"instances": serving_model.number_rows(table)}, separators=(",", ":")).encode()


def _frame(table: pa.Table) -> bytes:
    """MLflow's JSON of a data frame, whose columns it checks against the model's signature."""
    names = [column.name for column in serving_model.contract().features]
    content = {"columns": names, "data": serving_model.number_rows(table)}
    return json.dumps({"dataframe_split": content}, separators=(",", ":")).encode()


def _inputs(table: pa.Table) -> bytes:
    """MLflow's JSON of a tensor, which has no columns to check."""
    return json.dumps({"inputs": serving_model.number_rows(table)}, separators=(",", ":")).encode()


def _tensor(table: pa.Table) -> bytes:
    """The JSON of the Open Inference Protocol, V2."""
    rows = serving_model.number_rows(table)
    data = [value for row in rows for value in row]
    tensor = {"name": "rows", "shape": [len(rows), len(rows[0])], "datatype": "FP32", "data": data}
    return json.dumps({"inputs": [tensor]}, separators=(",", ":")).encode()


def _uvicorn(application: str) -> Callable[[Path, int], list[str]]:
    options = ["--workers", str(WORKERS), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    options += ["--log-level", "warning", "--app-dir", str(HERE)]
    return lambda folder, port: [sys.executable, "-m", "uvicorn", *options, "--port", str(port), application]


def _gunicorn(folder: Path, port: int) -> list[str]:
    """With gevent workers, as the toolkits; threads (gthread) are slower here."""
    options = ["--worker-class", "gevent", "--workers", str(WORKERS), "--timeout", "60", "--chdir", str(HERE)]
    return [sys.executable, "-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", "flask_app:application"]


def _saved(kind: str) -> Callable[[Path], object]:
    """Saves the MLflow model of a kind of signature."""

    def save(folder: Path) -> None:
        script = [sys.executable, "-m", "tests.benchmarks.peers.save_mlflow"]
        command = [*script, str(folder / "peers.ubj"), str(folder / kind), kind]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return save


def _mlflow(kind: str) -> Callable[[Path, int], list[str]]:
    options = ["--env-manager", "local", "--workers", str(WORKERS), "--host", "127.0.0.1"]
    return lambda folder, port: [
        "mlflow", "models", "serve", "-m", str(folder / kind), *options, "--port", str(port)
    ]  # fmt: skip


def _mlserver(workers: int) -> Callable[[Path, int], list[str]]:
    def command(folder: Path, port: int) -> list[str]:
        settings = {
            "host": "127.0.0.1", "http_port": port, "grpc_port": free_port(), "metrics_port": free_port(),
            "parallel_workers": workers, "debug": False,
        }  # fmt: skip
        model = {
            "name": "model", "implementation": "mlserver_xgboost.XGBoostModel",
            "parameters": {"uri": str(folder / "peers.ubj"), "version": "1"},
        }  # fmt: skip
        place = folder / f"mlserver-{workers}"
        place.mkdir(exist_ok=True)
        (place / "settings.json").write_text(json.dumps(settings))
        (place / "model-settings.json").write_text(json.dumps(model))
        return [sys.executable, "-c", "from mlserver.cli.main import main; main()", "start", str(place)]

    return command


def _ours(folder: Path, port: int) -> list[str]:
    """The command of our own image, in its environment."""
    return [environment_for(IMAGE).python, "-P", "-m", "serving.server"]


def _build_image(folder: Path) -> None:
    """Build the environment of our own image, where it is missing, before a start is measured."""
    environment_for(IMAGE)


def _ours_body(table: pa.Table) -> bytes:
    return serving_model.arrow_stream(table) if len(table) >= ARROW_ROWS else serving_model.instances(table)


def _ours_headers(rows: int) -> Mapping[str, str]:
    return {"Content-Type": ARROW, "Accept": ARROW} if rows >= ARROW_ROWS else JSON


MLSERVER_PACKAGES = {"PYTHONPATH": str((PROJECT / ".vishwaops" / "mlserver-packages").absolute())}
OURS = Peer(
    "VishwaOps", _ours, _ours_body, environment={"PYTHONPATH": str(serving_model.SCRIPTS)}, prepare=_build_image,
    headers=_ours_headers,
)  # fmt: skip
MLFLOW = Peer("mlflow models serve", _mlflow("frame"), _frame, prepare=_saved("frame"))
MLFLOW_TENSOR = Peer("mlflow models serve, tensor", _mlflow("tensor"), _inputs, prepare=_saved("tensor"))
MLSERVER = Peer("MLServer", _mlserver(WORKERS), _tensor, "/v2/models/model/infer", MLSERVER_PACKAGES)
MLSERVER_ALONE = Peer("MLServer, one process", _mlserver(0), _tensor, "/v2/models/model/infer", MLSERVER_PACKAGES)
FLASK = Peer("Flask and gunicorn", _gunicorn, _instances, environment=MLSERVER_PACKAGES)
STARLETTE = Peer("Starlette on uvicorn", _uvicorn("asgi_app:starlette"), _instances)
ASGI = Peer("bare ASGI on uvicorn", _uvicorn("asgi_app:bare"), _instances)
SERVERS = (OURS, MLFLOW, MLFLOW_TENSOR, MLSERVER, MLSERVER_ALONE, FLASK, STARLETTE, ASGI)
