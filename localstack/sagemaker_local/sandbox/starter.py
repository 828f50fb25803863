"""Starts processes in the isolation that this machine allows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sagemaker_local.sandbox.isolation import choose, watched
from sagemaker_local.sandbox.process import Process
from sagemaker_local.sandbox.remedies import remedy
from sagemaker_local.sandbox.workspace import ML, Identity, Surroundings, Workspace


class Sandbox:
    """How this machine isolates jobs; tested once."""

    def __init__(self, isolation: str | None = None) -> None:
        """Takes the name of an isolation, or None for the best that works.

        Raises:
            IsolationUnavailable: the named isolation does not work.
        """
        # The kernel signals a process when the thread that started it ends, so one lasting thread starts all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self._next_processor = 0
        self.isolation, self._why_no_better = choose(isolation)

    @property
    def meaning(self) -> str:
        """What the isolation means for the user's jobs, and what to do if no better one works."""
        meaning = self.isolation.meaning
        if not self._why_no_better:
            return meaning
        return f"{meaning} No better one works here ({self._why_no_better}). {remedy()}"

    def ml(self, workspace: Workspace) -> str:
        """The path under which the process sees its /opt/ml."""
        return ML if self.isolation.own_ml else str(workspace.ml)

    def relocated(self, path: str, workspace: Workspace) -> str:
        """A path below /opt/ml as the process must use it."""
        return path if self.isolation.own_ml else path.replace(ML, str(workspace.ml))

    def explanation(self, workspace: Workspace, *, network: bool) -> list[str]:
        """Lines for the log of a process whose environment differs from AWS; none if it does not."""
        if self.isolation.own_ml:
            return []
        lines = [
            f"/opt/ml is at {workspace.ml}, as in the SM_ variables: this machine allows no /opt/ml of its own. "
            "A script that opens /opt/ml itself sees this machine's folder, which it can't write."
        ]
        if not network:
            lines.append("network isolation needs a better isolation than relocated paths: the network is reachable.")
        return lines

    def start(
        self,
        command: list[str],
        workspace: Workspace,
        environment: dict[str, str],
        *,
        directory: str,
        network: bool = True,
        identity: Identity | None = None,
        processors: int | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Process:
        """Starts a command in `directory` (as it sees it) with exactly this environment.

        `identity` and `network` have no effect with relocated paths. `processors` is how many of this machine's it may
        use, all when not given.

        Raises:
            OSError: it can't be started.
        """
        prefix = self.isolation.prefix(Surroundings(workspace, directory, network, identity))

        def popen() -> subprocess.Popen[bytes]:
            with self._on(processors):
                return _popen(
                    [*prefix, *command],
                    environment,
                    directory=None if self.isolation.own_ml else directory,
                    pass_fds=pass_fds,
                )

        return Process(self._starter.submit(popen).result(), self.isolation.generations)

    def start_watched(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Starts a command without a sandbox; it ends with the server, even by SIGKILL.

        Raises:
            OSError: it can't be started.
        """
        return self._starter.submit(_popen, [*watched(), *command], environment).result()

    @contextmanager
    def _on(self, count: int | None) -> Iterator[None]:
        """Processes that this thread starts in the block, and their descendants, run on `count` CPUs, in rotation."""
        every = sorted(os.sched_getaffinity(0))
        if count is None or count >= len(every):
            yield
            return
        chosen = {every[(self._next_processor + offset) % len(every)] for offset in range(count)}
        self._next_processor += count
        os.sched_setaffinity(0, chosen)
        try:
            yield
        finally:
            os.sched_setaffinity(0, every)


def _popen(
    command: list[str], environment: dict[str, str], directory: str | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environment,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
    )
