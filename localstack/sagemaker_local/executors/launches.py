"""What runs on the instances of a job."""

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
    """What one instance runs, in a directory as it sees it."""

    instance: JobInstance
    command: list[str]
    environment: dict[str, str]
    directory: str
    image: str = ""
    """Whose container runs it, by Docker; then `command` follows the image, and `directory` is the image's own."""
    entrypoint: list[str] = field(default_factory=list)
    """Instead of the image's own."""
