"""The instances of a job, and what each of them runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sagemaker_local.executors.cluster import Host
from sagemaker_local.logs import LogStream
from sagemaker_local.sandbox import Process, Workspace


@dataclass
class JobInstance:
    """One instance of a job: its /opt/ml, its log stream, its process."""

    host: Host
    workspace: Workspace
    log: LogStream
    process: Process | None = None

    @property
    def ml(self) -> Path:
        return self.workspace.ml


@dataclass(frozen=True)
class Launch:
    """The command of one instance; `directory` is a path inside it."""

    instance: JobInstance
    command: list[str]
    environment: dict[str, str]
    directory: str
    image: str = ""
    """The image that Docker runs; then `command` is its arguments, and `directory` is the image's own."""
    entrypoint: list[str] = field(default_factory=list)
    """Replaces the image's own entrypoint."""
