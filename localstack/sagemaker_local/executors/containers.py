"""One serving container: its folder, its process, its log; started again when it dies or no longer answers."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local import container_output
from sagemaker_local.archives import inside
from sagemaker_local.container_client import ContainerClient
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.environment import base_environment, toolkit_environment
from sagemaker_local.failure_reasons import described, internal
from sagemaker_local.images import ImageEnvironment, environment_for
from sagemaker_local.s3 import split_uri
from sagemaker_local.sandbox import Process, Workspace

if TYPE_CHECKING:
    from sagemaker_local.executors import Tools

_DRIVER = "sagemaker_local.container.serve"
_PING_EVERY, _PING_TIMEOUT = 0.02, 2.0
_CHECK_EVERY, _MOST_MISSES = 1.0, 3  # a container that misses so many pings in a row is started again
_RESTART_AFTER = 0.5
_GRACE = 10.0
_READ_TO_THE_END = 5.0


class ServingContainer:
    """One container of a production variant; `variant["Container"]` is its definition."""

    def __init__(self, tools: Tools, endpoint: str, variant: dict[str, Any]) -> None:
        self.variant = variant
        self._tools = tools
        self._workspace = Workspace.make(tools.folder, f"{endpoint}-{variant['VariantName']}")
        stream = f"{variant['VariantName']}/i-{uuid4().hex[:17]}"
        self.log = tools.logs.stream(f"/aws/sagemaker/Endpoints/{endpoint}", stream)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._port = int(self._socket.getsockname()[1])
        self.client = ContainerClient(self._port)
        self._stopping = threading.Event()
        self._last_line = ""
        self._process: Process | None = None
        self._reader: threading.Thread | None = None
        self.healthy = False
        self.requests = 0
        """Those under way; counted by who sends them."""

    def start(self, cancelled: threading.Event) -> None:
        """Returns when the container answers /ping.

        Raises:
            JobFailure: it ended before, or took longer than its health check timeout.
        """
        try:
            self._download()
            self._process = self._launch()
        except OSError as error:
            raise JobFailure(internal(error)) from error
        deadline = time.monotonic() + self.variant["StartupTimeout"]
        while not self._pings():
            over = cancelled.is_set() or self._stopping.is_set()
            if over or not self._process.running or time.monotonic() > deadline:
                raise JobFailure(self._unhealthy())
            time.sleep(_PING_EVERY)
        self.healthy = True
        threading.Thread(target=self._keep_running, daemon=True).start()

    def stop(self) -> None:
        """Ends the process and removes its folder."""
        self._stopping.set()
        if self._process and self._process.running:
            self._process.stop(_GRACE)
        if self._reader:
            self._reader.join(_READ_TO_THE_END)  # what was printed last belongs in the log too
        self._socket.close()
        self.client.close()
        self.log.close()
        self._workspace.remove()

    def kill(self) -> None:
        """Ends the process without grace, when the server ends."""
        self._stopping.set()
        if self._process:
            self._process.kill()
        self._workspace.remove()

    def _download(self) -> None:
        container, ml = self.variant["Container"], self._workspace.ml
        for name in ("model", "code"):
            (ml / name).mkdir()
        if url := container.get("ModelDataUrl"):
            self._tools.s3.download_archive(url, ml / "model", self._scratch)
        elif source := container.get("ModelDataSource", {}).get("S3DataSource"):
            self._download_source(source, ml / "model")
        for additional in container.get("AdditionalModelDataSources", []):
            folder = inside(ml / "additional-model-data-sources", additional["ChannelName"])
            folder.mkdir(parents=True)
            self._download_source(additional["S3DataSource"], folder)
        submitted = container.get("Environment", {}).get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if submitted.startswith("s3://"):
            self._tools.s3.download_archive(submitted, ml / "code", self._scratch)

    def _download_source(self, source: dict[str, Any], folder: Path) -> None:
        uri = source["S3Uri"]
        if source["CompressionType"] == "Gzip":
            self._tools.s3.download_archive(uri, folder, self._scratch)
        elif source["S3DataType"] == "S3Prefix":
            self._tools.s3.download_prefix(uri, folder)
        else:
            self._tools.s3.download_file(uri, inside(folder, split_uri(uri)[1].rsplit("/", 1)[-1]))

    @property
    def _scratch(self) -> Path:
        return self._workspace.root / "archive.tar.gz"

    def _launch(self) -> Process:
        image, network = environment_for(self.variant["Container"]["Image"]), not self.variant["NetworkIsolation"]
        for line in self._tools.sandbox.explanation(self._workspace, network=network):
            self.log.write(f"SageMaker local: {line}")
        python = image.own_interpreter(self._workspace.root / "python")
        process = self._tools.sandbox.start(
            [python, "-m", _DRIVER],
            self._workspace,
            self._environment(image, python),
            directory=self._tools.sandbox.ml(self._workspace),
            network=network,
            pass_fds=(self._socket.fileno(),),
        )
        self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()
        return process

    def _environment(self, image: ImageEnvironment, python: str) -> dict[str, str]:
        sandbox, asked = self._tools.sandbox, self.variant["Container"].get("Environment", {})
        if not asked.get("SAGEMAKER_PROGRAM"):
            raise JobFailure(
                "ClientError: The model's Environment names no SAGEMAKER_PROGRAM; SageMaker local has no built-in "
                "algorithms to serve without a script."
            )
        ml = sandbox.ml(self._workspace)
        submitted = asked.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code")
        code = f"{ml}/code" if submitted.startswith("s3://") else sandbox.relocated(submitted, self._workspace)
        return {
            **base_environment(python, self._workspace, self._tools.region, image.python),
            **asked,
            **toolkit_environment(ml),
            "SAGEMAKER_LOCAL_CODE": code,
            "SAGEMAKER_LOCAL_TOOLKIT": image.toolkit,
            "SAGEMAKER_LOCAL_SOCKET_FD": str(self._socket.fileno()),
        }

    def _read(self, process: Process) -> None:
        for lines in container_output.batches(process.output):
            for line in lines:
                self.log.write(line)
                self._last_line = line.strip() or self._last_line

    def _pings(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PING_TIMEOUT)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _keep_running(self) -> None:
        """Starts a process again that ended. Its socket stays open meanwhile, so requests wait and none is refused."""
        while self._process and not self._stopping.is_set():
            self._watch(self._process)
            self.healthy = False
            if self._stopping.wait(0.01):
                return
            self.log.write("SageMaker local: the container ended and is started again.")
            while not self._relaunched():
                if self._stopping.wait(_CHECK_EVERY):
                    return
            self._stopping.wait(_RESTART_AFTER)
            while self._process.running and not self._stopping.is_set() and not self.healthy:
                self.healthy = self._pings()

    def _relaunched(self) -> bool:
        try:
            self._process = self._launch()
        except (OSError, JobFailure) as error:  # such as a full disk, until it has room again
            reason = described(error) if isinstance(error, OSError) else str(error)
            self.log.write(f"SageMaker local: the container can't be started: {reason}")
            return False
        return True

    def _watch(self, process: Process) -> None:
        """Returns when the process is over; ends one that does not answer /ping."""
        misses = 0
        while misses < _MOST_MISSES:
            try:
                process.wait(_CHECK_EVERY)
            except subprocess.TimeoutExpired:
                misses = 0 if self._stopping.is_set() or self._pings() else misses + 1
            else:
                return
        self.log.write(f"SageMaker local: the container did not pass {misses} ping health checks in a row.")
        process.kill()
        process.wait()

    def _unhealthy(self) -> str:
        self.log.flush()
        return (
            f"The primary container for production variant {self.variant['VariantName']} did not pass the ping "
            "health check. Please check CloudWatch logs for this endpoint."
            + (f" Its last output: {self._last_line}" if self._last_line else "")
        )
