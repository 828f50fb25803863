"""The processes of a job on its instances: started, followed, stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING

from sagemaker_local import container_output, failure_reasons
from sagemaker_local.docker import OUT_OF_MEMORY, Container, DockerProcess
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors import commands, memory
from sagemaker_local.executors.launches import JobInstance, Launch
from sagemaker_local.instance_types import GIB, InstanceType
from sagemaker_local.sandbox import Identity, Process

if TYPE_CHECKING:
    from pathlib import Path

    from sagemaker_local.executors import Tools

_READ_TO_THE_END = 30.0  # seconds to read the last output, unless another process holds the pipe open
GRACE = 120.0  # seconds between SIGTERM and SIGKILL on AWS; `--time-scale` divides them
LEFT_BEHIND = "InternalServerError: SageMaker local stopped while the job was in progress. Please try again."


class Stopped(Exception):
    """A stop of the job was requested."""


class Interrupted(Exception):
    """The job's spot instances were interrupted. It starts again on others."""


class InstanceProcesses:
    """Runs one process on each instance of a job. Methods may be called from any thread."""

    kind: str
    """The kind of the job, such as `TrainingJob`."""
    _names: Path
    """The hosts file of the instances."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.stopping = threading.Event()
        self.out_of_time = False
        self.instances: list[JobInstance] = []
        self._killed = False
        self._out_of_memory: set[str] = set()
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Requests the job to stop; returns at once."""
        with self._lock:
            self.stopping.set()
        self.end_processes()

    def end_processes(self) -> None:
        """Ends the job's processes with SIGTERM, and after the grace period with SIGKILL; returns at once."""
        with self._lock:
            running = [instance.process for instance in self.instances if instance.process]
        grace = self.tools.pace.real(GRACE)
        for process in running:
            threading.Thread(target=process.stop, args=(grace,), daemon=True).start()

    def kill(self) -> None:
        """Ends it without grace, when the server ends."""
        with self._lock:
            self._killed = True
            self.stopping.set()
        self._kill_all()

    def check_stop(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def say(self, line: str) -> None:
        """Writes a line of SageMaker local to the log of the first instance."""
        self.instances[0].log.write(f"SageMaker local: {line}")

    def execute(
        self, launches: list[Launch], *, network: bool, seconds: int, on_lines: Callable[[list[str]], None]
    ) -> int:
        """Runs the job's processes for at most `seconds`.

        Returns:
            0 when all succeeded, or the exit code of the first that failed; the others are then ended.

        Raises:
            JobFailure: one can't be started, exceeded the memory of its instance, or was ended with the server.
        """
        self._explain_isolation(network)
        over: SimpleQueue[tuple[JobInstance, int]] = SimpleQueue()
        timer = threading.Timer(seconds, self._run_out_of_time)
        timer.daemon = True
        timer.start()
        for launch in launches:
            self._start(launch, network)
            threading.Thread(target=self._follow, args=(launch.instance, on_lines, over), daemon=True).start()
        failed = self._wait(len(launches), over)
        timer.cancel()
        if self._killed:
            raise JobFailure(LEFT_BEHIND)
        if failed and failed[0].host.name in self._out_of_memory:
            raise JobFailure(memory.failure(self.kind))
        if failed:
            self.failing = failed[0]
        return failed[1] if failed else 0

    def processors(self, instance: JobInstance) -> int:
        """The number of this machine's processors that the instance gets."""
        return InstanceType.of(instance.host.instance_type).cpus_here(len(self.instances))

    def _explain_isolation(self, network: bool) -> None:
        if self.tools.docker:
            return
        for instance in self.instances:
            for line in self.tools.sandbox.explanation(instance.workspace, network=network):
                instance.log.write(f"SageMaker local: {line}")
        if len(self.instances) > 1 and not self.tools.sandbox.isolation.own_ml:
            self.say("with relocated paths the names of the instances don't resolve; they are all this machine.")

    def _start(self, launch: Launch, network: bool) -> None:
        instance = launch.instance
        with self._lock:
            self.check_stop()
            try:
                instance.process = self._process(launch, network)
            except (OSError, ValueError) as error:
                self._kill_all()
                program = launch.command[0] if launch.command else launch.image
                words = failure_reasons.described(error)
                raise JobFailure(f"ClientError: {program} can't be started: {words}") from error
            except JobFailure:
                self._kill_all()
                raise

    def _process(self, launch: Launch, network: bool) -> Process:
        instance = launch.instance
        if self.tools.docker:
            return self.tools.docker.start(self._container(launch, network))
        commands.check(launch.command, launch.environment["PATH"], launch.directory, instance.ml)
        return self.tools.sandbox.start(
            launch.command,
            instance.workspace,
            launch.environment,
            directory=launch.directory,
            network=network,
            identity=Identity(instance.host.name, self._names),
            processors=self.processors(instance),
        )

    def _container(self, launch: Launch, network: bool) -> Container:
        host, folder = launch.instance.host, launch.instance.workspace.root
        return Container(
            name=f"sagemaker-local-{folder.parent.name}-{folder.name}",
            image=launch.image,
            folder=launch.instance.ml,
            command=launch.command,
            environment=launch.environment,
            entrypoint=launch.entrypoint,
            network=network,
            hostname=host.name,
            names={each.host.name: each.host.address for each in self.instances},
            cpus=self.processors(launch.instance),
            memory=memory.limit(host.instance_type) or InstanceType.of(host.instance_type).memory,
        )

    def _follow(
        self, instance: JobInstance, on_lines: Callable[[list[str]], None], over: SimpleQueue[tuple[JobInstance, int]]
    ) -> None:
        process = instance.process
        if process is None:
            return
        reader = threading.Thread(target=self._read, args=(instance, process, on_lines), daemon=True)
        reader.start()
        limit = memory.limit(instance.host.instance_type)
        if limit and not isinstance(process, DockerProcess):  # Docker limits it itself
            threading.Thread(target=self._watch_memory, args=(instance, process, limit), daemon=True).start()
        code = process.wait()
        if isinstance(process, DockerProcess) and code == OUT_OF_MEMORY and not self.stopping.is_set():
            self._out_of_memory.add(instance.host.name)
        reader.join(_READ_TO_THE_END)
        over.put((instance, code))

    def _wait(self, count: int, over: SimpleQueue[tuple[JobInstance, int]]) -> tuple[JobInstance, int] | None:
        failed = None
        for _ in range(count):
            instance, code = over.get()
            if code != 0 and failed is None:
                failed = instance, code
                if not self.stopping.is_set():
                    self._kill_all()
        return failed

    def _kill_all(self) -> None:
        for instance in self.instances:
            if instance.process:
                instance.process.kill()

    def _watch_memory(self, instance: JobInstance, process: Process, limit: int) -> None:
        if memory.exceeds(process, limit):
            self._out_of_memory.add(instance.host.name)
            instance.log.write(f"SageMaker local: more than the {limit / GIB:.1f} GiB of its instance type.")
            process.kill()

    def _read(self, instance: JobInstance, process: Process, on_lines: Callable[[list[str]], None]) -> None:
        for lines in container_output.batches(process.output):
            for line in lines:
                instance.log.write(line)
            on_lines(lines)

    def _run_out_of_time(self) -> None:
        self.out_of_time = True
        self.stop()
