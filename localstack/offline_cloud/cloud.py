"""The offline cloud: start it, stop it, attach to it.

A cloud is LocalStack and SageMaker local on the loopback interface, and belongs to one state folder. It
starts empty each time, because LocalStack Community forgets everything when it stops.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from offline_cloud import leases, state
from offline_cloud.aws_environment import aws_environment
from offline_cloud.cloud_start import require_room, start
from offline_cloud.cloud_status import isolation_note
from offline_cloud.errors import CloudNotRunningError, CloudUnhealthyError
from offline_cloud.processes import ProcessIdentity, stop
from offline_cloud.services import SAGEMAKER, SERVICES, answers, health, localstack_python, log_path

_POLL = 0.05
_STOP_GRACE = 15.0
_HEALTH_TIMEOUT = 10.0


@dataclass(frozen=True)
class Cloud:
    """A running cloud. `started`: this call of `up` started it (else it attached to a running one)."""

    state_dir: Path
    urls: dict[str, str]
    started: bool
    lease: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point AWS clients at this cloud."""
        return aws_environment(self.state_dir, self.urls["localstack"], self.urls["sagemaker"])

    @property
    def isolation(self) -> str:
        """How SageMaker local isolates jobs and what that means for the user's jobs; empty when it does not answer."""
        return isolation_note(health(self.urls[SAGEMAKER.name] + SAGEMAKER.health_path))

    def detach(self) -> None:
        """Let the cloud run until `down`, even when no process uses it any more.

        Raises CloudNotRunningError when it has stopped already.
        """
        with state.locked(self.state_dir):
            _require_ready(self.state_dir)
            leases.detach(self.state_dir)

    def release(self) -> None:
        """Release this user's lease: the cloud stops if no other user holds one and it is not detached."""
        if self.lease is not None:
            leases.release(self.lease)


def up(
    state_dir: Path,
    localstack_env: Path,
    *,
    announce: Callable[[str], None] = lambda line: None,
    owner: int | None = None,
) -> Cloud:
    """Start the cloud of this state folder, or attach to it if it runs; return when both services answer.

    The cloud runs as long as one of the processes that called `up` runs, then stops, however they end;
    `Cloud.detach` makes it stay. A cloud that has to be started starts empty: the content of an earlier one is
    gone.

    Takes: `localstack_env`, LocalStack's Python environment; `announce`, called with lines for the person who
    waits; `owner`, the pid of the process that holds the lease, this one by default.

    Raises LocalStackMissingError, StartError, or CloudUnhealthyError when a running cloud does not answer.
    """
    state_dir, localstack_env = state_dir.absolute(), localstack_env.absolute()
    holder = ProcessIdentity.of(owner or os.getpid())
    if state.is_locked(state_dir):
        announce("Waiting for another process that is starting this offline cloud...")
    with state.locked(state_dir):
        known = state.read(state_dir)
        if known and known.is_ready():
            cloud = _cloud(state_dir, known, leases.take(state_dir, holder))
            _require_health(cloud)
            return cloud
        localstack_python(localstack_env)
        if known:
            _stop_cloud(known)
            state.remove(state_dir)
        require_room(state_dir)
        announce("Starting the offline cloud (LocalStack and SageMaker local)...")
        begun = time.monotonic()
        leases.clear(state_dir)
        lease = leases.take(state_dir, holder)
        cloud = _cloud(state_dir, start(state_dir, localstack_env, lease), lease, started=True)
    announce(
        f"The offline cloud answers after {time.monotonic() - begun:.1f} s: LocalStack at "
        f"{cloud.urls['localstack']}, SageMaker local at {cloud.urls['sagemaker']}."
    )
    return cloud


def down(state_dir: Path) -> bool:
    """Stop the cloud of this state folder, also one that is just starting, and wait until nothing of it is left.

    Returns whether anything was running. Also ends what a killed supervisor left.
    """
    state_dir = state_dir.absolute()
    known = _known_or_starting(state_dir)
    if known is None:
        return False
    was_running = bool(known.running())
    _stop_cloud(known)
    state.remove(state_dir)
    return was_running


def attach(state_dir: Path) -> Cloud:
    """The running cloud of this state folder, without becoming one of its owners.

    Raises CloudNotRunningError.
    """
    state_dir = state_dir.absolute()
    return _cloud(state_dir, _require_ready(state_dir))


@contextmanager
def running(
    state_dir: Path, localstack_env: Path, *, announce: Callable[[str], None] = lambda line: None
) -> Iterator[Cloud]:
    """`up` for the length of a `with`; at its end, a cloud that it started is stopped."""
    cloud = up(state_dir, localstack_env, announce=announce)
    try:
        yield cloud
    finally:
        cloud.release()
        if cloud.started:
            down(state_dir)


def _known_or_starting(state_dir: Path) -> state.CloudState | None:
    """The state of the cloud; while it is being started, the first state that its supervisor writes."""
    deadline = time.monotonic() + _STOP_GRACE
    while (known := state.read(state_dir)) is None and state_dir.exists() and state.is_locked(state_dir):
        if time.monotonic() > deadline:
            return None
        time.sleep(_POLL)
    return known


def _require_ready(state_dir: Path) -> state.CloudState:
    known = state.read(state_dir)
    if known is None or not known.is_ready():
        raise CloudNotRunningError(f"No offline cloud runs in {state_dir}. Start it with `vishwaops up`.")
    return known


def _require_health(cloud: Cloud) -> None:
    for service in SERVICES:
        url = cloud.urls[service.name] + service.health_path
        if not answers(url, timeout=_HEALTH_TIMEOUT):
            raise CloudUnhealthyError(
                f"{service.title} runs but {url} did not answer within {_HEALTH_TIMEOUT:.0f} s; its log is "
                f"{log_path(cloud.state_dir, service.name)}. Stop it with `vishwaops down`, then start again."
            )


def _stop_cloud(known: state.CloudState) -> None:
    """End all processes of a cloud; the supervisor stops the others in order, if it lives."""
    supervisor = known.processes["supervisor"]
    if supervisor.is_running():
        stop([supervisor], grace=_STOP_GRACE)
    stop(known.processes.values(), grace=_STOP_GRACE)


def _cloud(state_dir: Path, known: state.CloudState, lease: Path | None = None, *, started: bool = False) -> Cloud:
    return Cloud(state_dir, {service.name: known.url(service.name) for service in SERVICES}, started, lease)
