"""Sources and tables that the tests of landing are built from."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
from pyiceberg.utils.concurrent import ExecutorFactory

from config.use_case import UseCase
from tabular.formats import USUAL, Format
from tasks import clients, locations, storage
from tasks.landing.table import find_table
from tasks.sources.source import FrameSource, with_reserved
from tests.use_cases import small_use_case


def case(name: str, **changes: Any) -> UseCase:
    """A use case of two columns besides the target."""
    columns: dict[str, Any] = {
        "id": {"type": "integer"},
        "age": {"type": "integer", "nullable": True},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    changes = {"columns": columns, "features": ["age"], **changes}
    return small_use_case(name=name, **changes)


def rows(*ids: int, **columns: Any) -> pd.DataFrame:
    """Rows with these ids."""
    return pd.DataFrame({"id": list(ids), "age": [10 + each for each in ids], "passed": "yes", **columns})


def source_of(frame: pd.DataFrame, name: str = "rows") -> FrameSource:
    """A whole source of a frame."""
    return FrameSource(name, name, lambda: frame)


@dataclass
class Log:
    """An incremental source: a growing list of rows, whose position is the number of rows that were read."""

    ids: list[int] = field(default_factory=list)
    first: int = 0
    format: Format = USUAL
    read: int = 0

    def describe(self) -> str:
        return "log"

    def fingerprint(self) -> None:
        return None

    def after(self, position: Mapping[str, Any] | None) -> "Log":
        return type(self)(self.ids, int(position["rows"]) if position else 0)

    def position(self) -> dict[str, Any]:
        return {"rows": self.first + self.read}

    def frame(self, *ids: int) -> pd.DataFrame:
        """The rows with these ids."""
        return rows(*ids)

    def batches(self) -> Iterator[pa.RecordBatch]:
        new = self.ids[self.first :]
        self.read = len(new)
        yield from map(with_reserved, pa.Table.from_pandas(self.frame(*new), preserve_index=False).to_batches())


def snapshot_count(use_case: UseCase) -> int:
    """The number of snapshots that the table has."""
    table = find_table(use_case.name)
    return len(table.snapshots()) if table else 0


def objects(use_case: UseCase) -> set[str]:
    """The names of the objects below the table's folder."""
    return {item.name for item in storage.listed(locations.table(use_case.name))}


CHANGING = ("PutObject", "UploadPart", "CompleteMultipartUpload", "CreateTable", "UpdateTable")
"""The calls that write something. An ingest is ended before each of them in turn, and after its commit."""


def ended_at(step: int, work: Callable[[], object]) -> int:
    """Do work in a process of its own, which kills itself at that step. Returns its exit status, 0 without one.

    A forked process, so that it need not import everything again.
    """
    if (child := os.fork()) == 0:
        try:
            ExecutorFactory._instance = None  # its threads are in the parent only
            steps = itertools.count(1)

            def count(model: Any, **_: Any) -> None:
                if model.name in CHANGING and next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            for service in ("s3", "glue"):
                clients.client(service).meta.events.register("before-call", count)
            clients.client("glue").meta.events.register("after-call.glue.UpdateTable", count)
            work()
            os._exit(0)
        finally:
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
