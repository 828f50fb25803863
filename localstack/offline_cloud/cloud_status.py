"""The status of an offline cloud: which services run, whether they answer, and how much memory they use."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from offline_cloud import state
from offline_cloud.processes import descendants
from offline_cloud.services import SERVICES, Service, health, log_path


@dataclass(frozen=True)
class ServiceStatus:
    """`memory` is that of the service and all its descendants, in bytes; `note`, information for its user."""

    name: str
    title: str
    pid: int
    url: str
    healthy: bool
    memory: int
    log: Path
    note: str = ""


@dataclass(frozen=True)
class Status:
    """`since` is in seconds since the epoch; `error` is the reason why the last cloud failed, if it did."""

    running: bool
    since: float | None
    services: tuple[ServiceStatus, ...]
    error: str = ""


def status(state_dir: Path) -> Status:
    """What runs in this state folder, and whether it is healthy."""
    state_dir = state_dir.absolute()
    known = state.read(state_dir)
    if known is None:
        return Status(running=False, since=None, services=())
    if not known.running():
        return Status(running=False, since=None, services=(), error=known.error)
    found = (_service_status(state_dir, known, service) for service in SERVICES)
    services = tuple(each for each in found if each is not None)
    return Status(running=True, since=known.since, services=services, error=known.error)


def _service_status(state_dir: Path, known: state.CloudState, service: Service) -> ServiceStatus | None:
    process = known.processes[service.name].process() if service.name in known.processes else None
    if process is None:
        return None
    url = known.url(service.name)
    answer = health(url + service.health_path)
    return ServiceStatus(
        name=service.name,
        title=service.title,
        pid=process.pid,
        url=url,
        healthy=answer is not None,
        memory=_memory(process),
        log=log_path(state_dir, service.name),
        note=isolation_note(answer),
    )


def isolation_note(answer: dict[str, Any] | None) -> str:
    """How jobs are isolated and what that means, from SageMaker local's health response; may be empty."""
    if not answer or "isolation" not in answer:
        return ""
    return f"Isolation of jobs: {answer['isolation']}. {answer['isolation_meaning']}"


def _memory(process: psutil.Process) -> int:
    total = 0
    for member in (process, *descendants(process)):
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:  # it ended in the meantime
            continue
    return total
