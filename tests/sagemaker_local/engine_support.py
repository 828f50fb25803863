"""An engine in the test's own process, whose executors start nothing: for tests without running jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sagemaker_local.arns import Account
from sagemaker_local.behaviour import Behaviour
from sagemaker_local.engine import Engine
from sagemaker_local.executors import Executors, Tools
from sagemaker_local.logs import LogWriter
from sagemaker_local.s3 import S3
from sagemaker_local.sandbox import RELOCATED, Sandbox
from sagemaker_local.store import Store
from tests.sagemaker_local.fake_clock import FakeClock

REGION = "us-east-1"


@contextmanager
def idle_engine(
    folder: Path, database: Path | str = ":memory:", behaviour: Behaviour | None = None
) -> Iterator[Engine]:
    """An engine on a store in memory, or on that of a file, with a fake clock."""
    (folder / "work").mkdir(exist_ok=True)
    tools = Tools(Sandbox(RELOCATED.name), S3(REGION), LogWriter(REGION), folder / "work", REGION)
    executors, store = Executors(tools, 1), Store(database)
    try:
        yield Engine(store, FakeClock(), Account(), executors, behaviour)
    finally:
        executors.shutdown()
        store.close()
