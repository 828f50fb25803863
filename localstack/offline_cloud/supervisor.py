"""The process that owns a cloud: `python -m offline_cloud.supervisor STATE_DIR LOCALSTACK_ENV`.

It is two processes, so that even kill -9 of either leaves nothing running:
- the *keeper* adopts every orphan below it and, when the supervisor has ended, kills every process that is left;
- the *supervisor*, its child, starts both services, waits for them to answer, then watches. It stops the
  cloud when nobody holds a lease any more, when a service exits, on SIGTERM, and when the keeper ends.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

from offline_cloud import leases, ports, state
from offline_cloud.aws_environment import write_profile
from offline_cloud.errors import StartError
from offline_cloud.processes import (
    ProcessIdentity,
    adopt_orphans,
    die_with_parent,
    end_descendants,
    reap_orphans,
    spawn_tied,
)
from offline_cloud.services import SERVICES, Layout, Service, answers
from sagemaker_local.private_files import private_folder

_START_TIMEOUT = 180.0  # on a quiet machine it takes 3 s; on one with a load of 20, over a minute
_POLL_STARTING = 0.05
_POLL_RUNNING = 0.2
_LOG_LINES = 15


class StopRequestedError(Exception):
    """The cloud must stop, and nothing failed."""


class Supervisor:
    def __init__(self, state_dir: Path, localstack_env: Path, keeper: ProcessIdentity) -> None:
        self.state_dir = state_dir
        self.ports = {service.name: ports.reserve(service.usual_port) for service in SERVICES}
        self.layout = Layout(state_dir, localstack_env, {n: port.number for n, port in self.ports.items()})
        self.processes = {"keeper": keeper, "supervisor": ProcessIdentity.own()}
        self.children: dict[str, Popen[bytes]] = {}
        self.since = time.time()

    def run(self) -> None:
        """Start the cloud and watch it until it must stop; leaves nothing running."""
        try:
            self._start()
            self._wait_until_all_answer()
            self._save("ready")
            while True:
                self._check()
                time.sleep(_POLL_RUNNING)
        except StopRequestedError:
            self._stop()
            state.remove(self.state_dir)
        except Exception as error:
            self._stop()
            self._save("failed", str(error))
            raise

    def _start(self) -> None:
        write_profile(self.state_dir)
        self._save("starting")
        for service in reversed(SERVICES):
            folder = self.layout.folder(service.name)
            shutil.rmtree(folder, ignore_errors=True)
            private_folder(folder)
            child = spawn_tied(
                service.command(self.layout),
                log=self.layout.log(service.name),
                folder=folder,
                environment=service.environment(self.layout),
            )
            self.children[service.name] = child
            self.processes[service.name] = ProcessIdentity.of(child.pid)
        self._save("starting")

    def _wait_until_all_answer(self) -> None:
        silent = list(SERVICES)
        while silent:
            self._check()
            silent = [service for service in silent if not answers(self._health_url(service))]
            if silent and time.time() > self.since + _START_TIMEOUT:
                raise StartError(
                    f"{silent[0].title} did not answer at {self._health_url(silent[0])} within "
                    f"{_START_TIMEOUT:.0f} s. {self._log_tail(silent[0])}"
                )
            time.sleep(_POLL_STARTING)

    def _check(self) -> None:
        reap_orphans({child.pid for child in self.children.values()})
        for service in SERVICES:
            status = self.children[service.name].poll()
            if status is not None:
                raise StartError(f"{service.title} exited with status {status}. {self._log_tail(service)}")
        if leases.is_held(self.state_dir):
            return
        # A process that is about to take a lease holds the lock: look again later.
        with state.locked(self.state_dir, wait=False) as got_lock:
            if got_lock and not leases.is_held(self.state_dir):
                self._save("stopping")
                raise StopRequestedError("no process needs this cloud any more")

    def _stop(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._save("stopping")
        for service in SERVICES:
            child = self.children.get(service.name)
            if child is not None and child.poll() is None:
                _end(child, service.stop_grace)
        end_descendants()
        shutil.rmtree(self.layout.folder("localstack"), ignore_errors=True)

    def _health_url(self, service: Service) -> str:
        return self.layout.url(service.name) + service.health_path

    def _log_tail(self, service: Service) -> str:
        log = self.layout.log(service.name)
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:] if log.exists() else []
        tail = "\n".join(f"    {line}" for line in lines) or "    (empty)"
        return f"The end of its log {log}:\n{tail}"

    def _save(self, phase: state.Phase, error: str = "") -> None:
        numbers = dict(self.layout.ports)
        state.write(self.state_dir, state.CloudState(phase, dict(self.processes), numbers, self.since, error))


def _end(child: Popen[bytes], grace: float) -> None:
    if grace:
        child.terminate()
        deadline = time.time() + grace
        while child.poll() is None and time.time() < deadline:
            time.sleep(0.02)
    child.kill()
    child.wait()


def keep(supervise: Callable[[ProcessIdentity], None]) -> None:
    """Run `supervise` in a child process; return when it and everything below it has ended."""
    adopt_orphans()
    keeper = ProcessIdentity.own()
    supervisor = os.fork()
    if supervisor == 0:
        die_with_parent(signal.SIGTERM, keeper.pid)
        adopt_orphans()
        supervise(keeper)
        return

    def pass_on(*_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(supervisor, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    _, status = os.waitpid(supervisor, 0)
    end_descendants()
    sys.exit(os.waitstatus_to_exitcode(status))


def main() -> None:
    state_dir, localstack_env = (Path(argument) for argument in sys.argv[1:])

    def supervise(keeper: ProcessIdentity) -> None:
        def stop(*_: object) -> None:
            raise StopRequestedError("SIGTERM")

        signal.signal(signal.SIGTERM, stop)
        Supervisor(state_dir, localstack_env, keeper).run()

    keep(supervise)


if __name__ == "__main__":
    main()
