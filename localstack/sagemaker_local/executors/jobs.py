"""Base of training, processing and transform jobs: from a slot to a final status."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from sagemaker_local import failure_reasons
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.cluster import Cluster
from sagemaker_local.executors.instance_processes import LEFT_BEHIND, InstanceProcesses, Interrupted, Stopped
from sagemaker_local.executors.launches import JobInstance
from sagemaker_local.failure_reasons import LONGEST_REASON
from sagemaker_local.images import ImageEnvironment, environment_for
from sagemaker_local.sandbox import Workspace

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record


class JobRun(InstanceProcesses):
    """One job from start to end; subclasses implement its work. Runs in its own thread."""

    log_group: str

    def __init__(self, tools: Tools, engine: Engine, record: Record) -> None:
        super().__init__(tools)
        self.engine, self.record = engine, record

    def __call__(self) -> None:
        """Runs the job; in every case it ends in a final status and leaves no folder."""
        if self.engine.find(self.kind, self.record.name) is None:
            return
        ending = None
        while ending is None:
            try:
                ending = self._attempt()
            except Exception as error:  # noqa: BLE001
                ending = self._failing(failure_reasons.internal(error))
        failure_reasons.store_with_retries(ending, lambda: self._killed)

    def provide(self, image: str, say: Callable[[str], None]) -> ImageEnvironment | None:
        """The environment that replaces an image; None if Docker runs the image, which it then has pulled.

        Raises:
            JobFailure: there is no such environment, or image.
        """
        if self.tools.docker is None:
            return environment_for(image, say)
        self.tools.docker.provide(image, say, self.stopping)
        return None

    def cluster(self) -> Cluster:
        """The instances of the job."""
        raise NotImplementedError

    def run(self) -> None:
        raise NotImplementedError

    def completed(self) -> None:
        raise NotImplementedError

    def stopped(self) -> None:
        raise NotImplementedError

    def failed(self, reason: str) -> None:
        raise NotImplementedError

    @classmethod
    def resume(cls, engine: Engine) -> None:
        """Continues timers of ended jobs, such as those of warm pools, when a server starts."""

    def may_retry(self) -> bool:
        """Whether another attempt follows a failure of the service itself; called once for each failure."""
        return False

    def _attempt(self) -> Callable[[], None] | None:
        """Runs the job once, and returns a function that stores its end; None requests another attempt."""
        with self._provisioned():
            try:
                self.check_stop()
                self.run()
                return self.completed
            except Interrupted:
                return None
            except Stopped:
                return self._failing(LEFT_BEHIND) if self._killed else self.stopped
            except JobFailure as failure:
                return self._failing(str(failure))
            except Exception as error:  # noqa: BLE001
                if not self.stopping.is_set() and self.may_retry():
                    return None
                return self._failing(failure_reasons.internal(error))

    @contextmanager
    def _provisioned(self) -> Iterator[None]:
        """Gives every instance its folder and its log stream, and removes them at the end."""
        members = self.cluster()
        root = self.tools.folder / f"{self.record.name}-{uuid4().hex[:8]}"
        started = int(self.engine.clock.now())
        self.instances = []
        try:
            root.mkdir(parents=True)
            self._names = members.write_names(root / "hosts")
            for host in members.hosts:
                stream = self.tools.logs.stream(self.log_group, f"{self.record.name}/{host.name}-{started}")
                self.instances.append(JobInstance(host, Workspace.make(root, host.name), stream))
            yield
        finally:
            for instance in self.instances:
                instance.log.close()
            shutil.rmtree(root, ignore_errors=True)

    def _failing(self, reason: str) -> Callable[[], None]:
        return lambda: self.failed(reason[:LONGEST_REASON])
