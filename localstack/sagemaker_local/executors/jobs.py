"""What training and processing jobs have in common: a slot to run in, a process, its output, a way to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from sagemaker_local.errors import JobFailure
from sagemaker_local.logs import LogStream
from sagemaker_local.sandbox import RELOCATED, Process, Workspace

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
LONGEST_REASON = 1024
_LEFT_BEHIND = "InternalServerError: SageMaker local stopped while the job was in progress. Please try again."


class Stopped(Exception):
    """The job was asked to stop."""


class JobRun:
    """One job from start to end; subclasses say what it does. Runs in a thread of its own."""

    kind: str
    log_group: str

    def __init__(self, tools: Tools, engine: Engine, record: Record) -> None:
        self.tools, self.engine, self.record = tools, engine, record
        self.stopping = threading.Event()
        self.out_of_time = False
        self._killed = False
        self._process: Process | None = None
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Runs the job; whatever happens, it ends in a final status and leaves no folder behind."""
        if self.engine.find(self.kind, self.record.name) is None:
            return
        self.workspace = Workspace.make(self.tools.folder, self.record.name)
        stream = f"{self.record.name}/algo-1-{int(self.engine.clock.now())}"
        self.log: LogStream = self.tools.logs.stream(self.log_group, stream)
        try:
            self.check_stop()
            self.run()
            ending = self.completed
        except Stopped:
            ending = self.stopped
        except JobFailure as failure:
            ending = self._failing(str(failure))
        except Exception as error:  # noqa: BLE001
            ending = self._failing(f"InternalServerError: {type(error).__name__}: {error}")
        finally:
            self.log.close()
            self.workspace.remove()
        ending()

    def stop(self) -> None:
        """Asks the job to stop; returns at once."""
        with self._lock:
            self.stopping.set()
            process = self._process
        if process:
            threading.Thread(target=process.stop, args=(GRACE,), daemon=True).start()

    def kill(self) -> None:
        """Ends it without grace, when the server ends."""
        with self._lock:
            self._killed = True
            self.stopping.set()
            if self._process:
                self._process.kill()

    def check_stop(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def execute(
        self,
        command: list[str],
        environment: dict[str, str],
        *,
        directory: str,
        network: bool,
        seconds: int,
        on_line: Callable[[str], None],
    ) -> int:
        """Runs the job's process for at most so many seconds, and returns its exit code.

        Raises:
            JobFailure: it can't be started, or was ended with the server.
        """
        if self.tools.sandbox.isolation == RELOCATED:
            self.log.write(f"SageMaker local: no bubblewrap here, /opt/ml is at {self.workspace.ml}.")
        process = self._start(command, environment, directory, network)
        timer = threading.Timer(seconds, self._run_out_of_time)
        timer.daemon = True
        timer.start()
        reader = threading.Thread(target=self._read, args=(process, on_line), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(timeout=10)
        timer.cancel()
        if self._killed:
            raise JobFailure(_LEFT_BEHIND)
        return code

    def run(self) -> None:
        raise NotImplementedError

    def completed(self) -> None:
        raise NotImplementedError

    def stopped(self) -> None:
        raise NotImplementedError

    def failed(self, reason: str) -> None:
        raise NotImplementedError

    def _start(self, command: list[str], environment: dict[str, str], directory: str, network: bool) -> Process:
        with self._lock:
            self.check_stop()
            try:
                self._process = self.tools.sandbox.start(
                    command, self.workspace, environment, directory=directory, network=network
                )
            except (OSError, ValueError) as error:
                raise JobFailure(f"ClientError: {command[0]} can't be started: {error}") from error
            return self._process

    def _read(self, process: Process, on_line: Callable[[str], None]) -> None:
        for raw in process.output:
            line = raw.decode(errors="replace").rstrip("\r\n")
            self.log.write(line)
            on_line(line)

    def _run_out_of_time(self) -> None:
        self.out_of_time = True
        self.stop()

    def _failing(self, reason: str) -> Callable[[], None]:
        return lambda: self.failed(reason[:LONGEST_REASON])


class JobExecutor:
    """Runs the jobs of one kind, as many at once as there are slots; the others wait."""

    def __init__(self, tools: Tools, pool: ThreadPoolExecutor, kind: str, run: type[JobRun]) -> None:
        self._tools, self._pool, self._kind, self._run = tools, pool, kind, run
        self._runs: dict[str, tuple[JobRun, Future[None]]] = {}
        self._engine: Engine | None = None
        self._ending = False

    def bind(self, engine: Engine) -> None:
        """Ends what was in progress when an earlier server stopped."""
        self._engine = engine
        for record in engine.store.with_status(self._kind, ("InProgress", "Stopping")):
            self._run(self._tools, engine, record).failed(_LEFT_BEHIND)

    def submit(self, record: Record) -> None:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        run = self._run(self._tools, self._engine, record)
        self._runs[record.name] = run, self._pool.submit(self._finish, run)

    def stop(self, record: Record) -> None:
        """Asks a running job to stop; one that still waits for its turn has stopped at once."""
        run, turn = self._runs.get(record.name, (None, None))
        if run and turn and turn.cancel():
            del self._runs[record.name]
            run.stopped()
        elif run:
            run.stop()

    def shutdown(self) -> None:
        self._ending = True
        for run, _ in list(self._runs.values()):
            run.kill()

    def _finish(self, run: JobRun) -> None:
        if self._ending:
            return
        try:
            run()
        finally:
            self._runs.pop(run.record.name, None)
