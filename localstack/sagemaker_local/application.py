"""Builds a server from its parts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local import aws
from sagemaker_local.arns import Account
from sagemaker_local.behaviour import Behaviour
from sagemaker_local.clock import Pace, SystemClock
from sagemaker_local.docker import Docker
from sagemaker_local.engine import Engine
from sagemaker_local.executors import Executors, Tools
from sagemaker_local.logs import LogWriter
from sagemaker_local.private_files import private_folder
from sagemaker_local.s3 import S3
from sagemaker_local.sandbox import Sandbox
from sagemaker_local.server import Server
from sagemaker_local.store import Store


@dataclass(frozen=True)
class Application:
    """A server, and the parts that end with it."""

    server: Server
    store: Store
    executors: Executors
    region: str
    tools: Tools

    def warm_up(self) -> None:
        """Makes the AWS clients before a job needs them."""
        for service in ("s3", "logs"):
            aws.client(service, self.region)

    def shutdown(self) -> None:
        self.executors.shutdown()
        if self.tools.docker:
            self.tools.docker.remove_all(self.tools.folder)
        self.store.close()


def build(
    state: Path,
    account: str,
    region: str,
    slots: int,
    isolation: str | None,
    pace: Pace,
    *,
    real_containers: bool,
    behaviour: Behaviour,
) -> Application:
    """An application on a state folder; continues from the state that an earlier one left there.

    Args:
        state: folder of the SQLite file and of the folders of jobs and containers.
        account: account number for ARNs.
        region: region for ARNs and AWS clients.
        slots: how many jobs run at once.
        isolation: `bubblewrap`, `namespaces`, `relocated paths`, or None for the best that works.
        pace: how fast waiting times pass.
        real_containers: whether jobs run in their own images, by Docker.
        behaviour: quotas, and how lists page.

    Raises:
        DockerMissing: Docker is asked for and does not answer.
        IsolationUnavailable: the isolation of this name does not work here.
    """
    work = state.resolve() / "work"
    sandbox = Sandbox(isolation)
    docker = Docker(state, sandbox) if real_containers else None
    if docker:
        docker.remove_all(work)
    shutil.rmtree(work, ignore_errors=True)
    private_folder(work)
    store = Store(state / "sagemaker.sqlite3")
    tools = Tools(sandbox, S3(region), LogWriter(region), work, region, pace, docker)
    executors = Executors(tools, slots)
    engine = Engine(store, SystemClock(), Account(account, region), executors, behaviour)
    executors.bind(engine)
    return Application(Server(engine), store, executors, region, tools)
