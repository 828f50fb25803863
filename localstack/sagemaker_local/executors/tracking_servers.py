"""Managed MLflow: a real MLflow server for each tracking server, started again when it ends by itself."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.environment import base_environment
from sagemaker_local.executors.server_process import ServerProcess
from sagemaker_local.failure_reasons import LONGEST_REASON, described, store_with_retries
from sagemaker_local.loopback_only import UVICORN_PROTOCOL, UVICORN_VARIABLE
from sagemaker_local.private_files import private_folder
from sagemaker_local.sandbox import Process, Workspace

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

_PACKAGES = Path(__file__).resolve().parents[2]
_LOG_GROUP = "/aws/sagemaker/mlflow-tracking-servers"
_STARTS_WITHIN = 180.0
_ALIVE = ("Created", "Updated", "Started", "MaintenanceComplete")
_TO_BE_STARTED = {"Creating": "Created", "Updating": "Updated", "Starting": "Started"}
_QUIET = {
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # it would be a second process, which is not used here
}


class TrackingServer(ServerProcess):
    """One MLflow server."""

    title = "the MLflow server"
    health_path, health_timeout, health_every = "/health", 5.0, 0.25
    restart_delay, grace = 1.0, 5.0

    def __init__(self, tools: Tools, name: str, artifacts: str) -> None:
        self._tools, self._artifacts = tools, artifacts
        self._database = tools.state / "mlflow" / f"{name}.sqlite3"
        private_folder(self._database.parent)
        workspace = Workspace.make(tools.folder, f"mlflow-{name}")
        super().__init__(tools.logs.stream(_LOG_GROUP, name), workspace, _free_port())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when it answers.

        Raises:
            JobFailure: it ended before, was stopped, or took too long.
            OSError: it can't be started.
        """
        if not self.start_within(_STARTS_WITHIN):
            raise JobFailure(f"The MLflow server did not start. Its last output: {self.last_line}")

    def forget(self) -> None:
        """Removes its database, after `stop`."""
        for file in self._database.parent.glob(f"{self._database.name}*"):
            file.unlink()

    def launch(self) -> Process:
        place = ["--host", "127.0.0.1", "--port", str(self._port), "--workers", "1"]
        stores = ["--backend-store-uri", f"sqlite:///{self._database}", "--default-artifact-root", self._artifacts]
        return self._tools.sandbox.start(
            [sys.executable, "-m", "mlflow", "server", *place, *stores, "--no-serve-artifacts"],
            self._workspace,
            self._environment(),
            directory=self._tools.sandbox.ml(self._workspace),
        )

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
        base = base_environment(sys.executable, self._workspace, self._tools.region)
        return {**base, **_QUIET, "PYTHONPATH": path, UVICORN_VARIABLE: UVICORN_PROTOCOL}


class TrackingServers:
    """Runs the tracking servers. Calls return at once; the work is done in threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._running: dict[str, TrackingServer] = {}
        self._changing: dict[str, threading.Lock] = {}
        self._engine: Engine | None = None
        self._over = threading.Event()

    def bind(self, engine: Engine) -> None:
        """Starts the tracking servers of an earlier server, and completes its stops and deletions."""
        self._engine = engine
        for record in engine.store.with_status("MlflowTrackingServer", (*_ALIVE, *_TO_BE_STARTED)):
            engine.save(record, IsActive="Inactive")
            self.start(record, _TO_BE_STARTED.get(str(record.status), str(record.status)))
        for record in engine.store.with_status("MlflowTrackingServer", ("Stopping",)):
            engine.save(record, TrackingServerStatus="Stopped", IsActive="Inactive")
        for record in engine.store.with_status("MlflowTrackingServer", ("Deleting",)):
            self.delete(record)

    def start(self, record: Record, then: str) -> None:
        """Starts a server, and first ends a running one; `then` is its status once it answers."""
        self._begin(lambda: self._start(record, then), record)

    def stop(self, record: Record) -> None:
        self._begin(lambda: self._stop(record), record)

    def delete(self, record: Record) -> None:
        self._begin(lambda: self._delete(record), record)

    def shutdown(self) -> None:
        self._over.set()
        for server in list(self._running.values()):
            server.kill()

    def _start(self, record: Record, then: str) -> None:
        self._end(record.name)
        failed = {"Created": "CreateFailed", "Updated": "UpdateFailed"}.get(then, "StartFailed")
        try:
            server = TrackingServer(self._tools, record.name, record.body["ArtifactStoreUri"])
            self._running[record.name] = server
            server.start()
        except (JobFailure, OSError) as failure:
            self._end(record.name)
            reason = (str(failure) if isinstance(failure, JobFailure) else described(failure))[:LONGEST_REASON]
            self._save(record, TrackingServerStatus=failed, IsActive="Inactive", _FailureReason=reason)
            return
        self._save(record, TrackingServerStatus=then, IsActive="Active", TrackingServerUrl=server.url)

    def _stop(self, record: Record) -> None:
        self._end(record.name)
        self._save(record, TrackingServerStatus="Stopped", IsActive="Inactive")

    def _delete(self, record: Record) -> None:
        server = self._running.get(record.name)
        self._end(record.name)
        (server or TrackingServer(self._tools, record.name, "")).forget()
        store_with_retries(lambda: self._bound.remove(record), self._over.is_set)

    def _save(self, record: Record, **members: str) -> None:
        store_with_retries(lambda: self._bound.save(record, **members), self._over.is_set)

    def _end(self, name: str) -> None:
        if server := self._running.pop(name, None):
            server.stop()

    def _begin(self, work: Callable[[], None], record: Record) -> None:
        changing = self._changing.setdefault(record.name, threading.Lock())

        def run() -> None:
            with changing:
                work()

        threading.Thread(target=run, name=f"mlflow-{record.name}", daemon=True).start()

    @property
    def _bound(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        return self._engine


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
