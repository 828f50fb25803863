"""One serving container of an endpoint: its model and code, its process, its environment."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local.archives import inside
from sagemaker_local.container.toolkits import MULTI_MODEL, PROGRAMS
from sagemaker_local.container_client import ContainerClient
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.environment import base_environment, toolkit_environment
from sagemaker_local.executors.server_process import ServerProcess
from sagemaker_local.failure_reasons import internal
from sagemaker_local.images import ImageEnvironment, environment_for
from sagemaker_local.s3 import split_uri
from sagemaker_local.sandbox import Process, Workspace

if TYPE_CHECKING:
    from sagemaker_local.executors import Tools

_DRIVER = "sagemaker_local.container.serve"


class ServingContainer(ServerProcess):
    """One container of a production variant; `variant["Container"]` is its definition.

    Its socket stays open while the process is started again, so that requests wait and none is refused.
    """

    title = "the container"
    health_path, health_timeout, health_every = "/ping", 2.0, 0.02
    most_missed_checks = 3
    restart_delay = 0.01
    grace = 30.0  # as on AWS (SageMaker AI Developer Guide, "Custom Inference Code with Hosting Services")

    def __init__(self, tools: Tools, endpoint: str, variant: dict[str, Any]) -> None:
        self.variant = variant
        self._tools = tools
        self._socket = socket.socket()
        # A server of the image's own may bind the same port, as long as nobody listens on this socket.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        port = int(self._socket.getsockname()[1])
        stream = f"{variant['VariantName']}/i-{uuid4().hex[:17]}"
        super().__init__(
            tools.logs.stream(f"/aws/sagemaker/Endpoints/{endpoint}", stream),
            Workspace.make(tools.folder, f"{endpoint}-{variant['VariantName']}"),
            port,
        )
        self.client = ContainerClient(port)
        self.requests = 0
        """Requests in progress; counted by their senders."""

    def start(self, cancelled: threading.Event) -> None:
        """Returns when the container answers /ping.

        Raises:
            JobFailure: it ended before, or took longer than its health check timeout.
        """
        try:
            self._download()
            healthy = self.start_within(self.variant["StartupTimeout"], cancelled)
        except OSError as error:
            raise JobFailure(internal(error)) from error
        if not healthy:
            raise JobFailure(self._unhealthy())

    def close_connections(self) -> None:
        self._socket.close()
        self.client.close()

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

    def launch(self) -> Process:
        image, network = environment_for(self.variant["Container"]["Image"]), not self.variant["NetworkIsolation"]
        for line in self._tools.sandbox.explanation(self._workspace, network=network):
            self.log.write(f"SageMaker local: {line}")
        python = image.own_interpreter(self._workspace.root / "python")
        own = image.toolkits.serving == PROGRAMS
        return self._tools.sandbox.start(
            ["serve"] if own else [python, "-m", _DRIVER],
            self._workspace,
            self._own_environment(image, python) if own else self._environment(image, python),
            directory=self._tools.sandbox.ml(self._workspace),
            network=network,
            pass_fds=(self._socket.fileno(),),
        )

    def _own_environment(self, image: ImageEnvironment, python: str) -> dict[str, str]:
        """For the image's own `serve`: a port as on AWS, and the bound socket, which a server may take over instead."""
        environment = base_environment(python, self._workspace, self._tools.region, image.python)
        return {
            **environment,
            **image.toolkits.serving_environment,
            **self.variant["Container"].get("Environment", {}),
            **image.own_programs(environment["PATH"], self._tools.sandbox.ml(self._workspace)),
            "SAGEMAKER_BIND_TO_PORT": str(self._port),
            "SAGEMAKER_LOCAL_SOCKET_FD": str(self._socket.fileno()),
        }

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
        several = self.variant["Container"].get("Mode") == "MultiModel"
        toolkit = MULTI_MODEL if several else image.toolkits.serving
        return {
            **base_environment(python, self._workspace, self._tools.region, image.python),
            **image.toolkits.serving_environment,
            **asked,
            **toolkit_environment(ml, toolkit, isolated=self.variant["NetworkIsolation"]),
            "SAGEMAKER_LOCAL_CODE": code,
            "SAGEMAKER_LOCAL_DEFAULTS": image.toolkits.defaults,
            "SAGEMAKER_LOCAL_SOCKET_FD": str(self._socket.fileno()),
        }

    def _unhealthy(self) -> str:
        self.log.flush()
        return (
            f"The primary container for production variant {self.variant['VariantName']} did not pass the ping "
            "health check. Please check CloudWatch logs for this endpoint."
            + (f" Its last output: {self.last_line}" if self.last_line else "")
        )
