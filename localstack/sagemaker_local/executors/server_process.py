"""An HTTP server in its own process: a model server or MLflow. Started again when it ends by itself."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from sagemaker_local import container_output
from sagemaker_local.errors import JobFailure
from sagemaker_local.failure_reasons import described

if TYPE_CHECKING:
    from sagemaker_local.logs import LogStream
    from sagemaker_local.sandbox import Process, Workspace

_CHECK_EVERY = 1.0
_RESTART_AFTER = 0.5
_LAST_OUTPUT = 5.0  # seconds to read the last output


class ServerProcess:
    """One server on 127.0.0.1. Subclasses implement `launch`, which starts the process once. Times are in seconds."""

    title: ClassVar[str]
    """What the log calls it."""
    health_path: ClassVar[str]
    health_timeout: ClassVar[float]
    health_every: ClassVar[float]
    """The pause between two health checks while it starts."""
    most_missed_checks: ClassVar[int | None] = None
    """A running process that misses this number of health checks in a row is started again; None means no checks."""
    restart_delay: ClassVar[float]
    grace: ClassVar[float]
    """The time between SIGTERM and SIGKILL."""

    def __init__(self, log: LogStream, workspace: Workspace, port: int) -> None:
        self.log, self.healthy, self.last_line = log, False, ""
        self._workspace, self._port = workspace, port
        self._stopping = threading.Event()
        self._process: Process | None = None
        self._reader: threading.Thread | None = None

    def launch(self) -> Process:
        """Starts the process.

        Raises:
            OSError, JobFailure: it can't be started.
        """
        raise NotImplementedError

    def close_connections(self) -> None:
        """Runs once the process has ended, before the log is closed."""

    def start_within(self, seconds: float, cancelled: threading.Event | None = None) -> bool:
        """Starts the process, and returns True when it is healthy, False when it ended, was stopped or took too long.

        Raises:
            OSError, JobFailure: it can't be started.
        """
        process = self._launch()
        deadline = time.monotonic() + seconds

        def is_over() -> bool:
            return time.monotonic() > deadline or bool(cancelled and cancelled.is_set())

        if not self._wait_until_healthy(process, is_over):
            return False
        threading.Thread(target=self._keep_running, args=(process,), daemon=True).start()
        return True

    def stop(self) -> None:
        """Ends the process and removes its folder."""
        self._stopping.set()
        if self._process and self._process.running:
            self._process.stop(self.grace)
        if self._reader:
            self._reader.join(_LAST_OUTPUT)
        self.close_connections()
        self.log.close()
        self._workspace.remove()

    def kill(self) -> None:
        """Ends the process without grace, when SageMaker local ends."""
        self._stopping.set()
        if self._process:
            self._process.kill()
        self._workspace.remove()

    def _launch(self) -> Process:
        process = self._process = self.launch()
        self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()
        if self._stopping.is_set():  # since the launch began: nothing else ends this process
            process.kill()
        return process

    def _read(self, process: Process) -> None:
        for lines in container_output.batches(process.output):
            for line in lines:
                self.log.write(line)
                self.last_line = line.strip() or self.last_line

    def _wait_until_healthy(self, process: Process, is_over: Callable[[], bool] = lambda: False) -> bool:
        while not (self._stopping.is_set() or is_over()) and process.running:
            if self._answers():
                self.healthy = True
                return True
            self._stopping.wait(self.health_every)
        return False

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self.health_timeout)
        try:
            connection.request("GET", self.health_path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _keep_running(self, process: Process) -> None:
        while not self._stopping.is_set():
            self._wait_for_end(process)
            self.healthy = False
            if self._stopping.wait(self.restart_delay):
                return
            self.log.write(f"SageMaker local: {self.title} ended and is started again.")
            while (again := self._launched_again()) is None:
                if self._stopping.wait(_CHECK_EVERY):
                    return
            process = again
            self._stopping.wait(_RESTART_AFTER)
            self._wait_until_healthy(process)

    def _launched_again(self) -> Process | None:
        try:
            return self._launch()
        except (OSError, JobFailure) as error:  # such as a full disk: tried again until there is room
            reason = described(error) if isinstance(error, OSError) else str(error)
            self.log.write(f"SageMaker local: {self.title} can't be started: {reason}")
            return None

    def _wait_for_end(self, process: Process) -> None:
        """Returns when the process has ended; ends one that misses too many health checks."""
        missed = 0
        while self.most_missed_checks is None or missed < self.most_missed_checks:
            try:
                process.wait(None if self.most_missed_checks is None else _CHECK_EVERY)
            except subprocess.TimeoutExpired:
                missed = 0 if self._stopping.is_set() or self._answers() else missed + 1
            else:
                return
        self.log.write(f"SageMaker local: {self.title} did not pass {missed} ping health checks in a row.")
        process.kill()
        process.wait()
