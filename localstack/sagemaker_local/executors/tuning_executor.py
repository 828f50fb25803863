"""Starts tuning jobs, and continues those of an earlier server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sagemaker_local.executors.tuning import KIND, TuningRun

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record


class TuningExecutor:
    """Runs the tuning jobs. They take no slot: the training jobs that they create do."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._engine: Engine | None = None
        self._ending = threading.Event()

    def bind(self, engine: Engine) -> None:
        """Continues the tuning jobs of an earlier server; their training jobs that ran then have failed."""
        self._engine = engine
        for record in engine.store.with_status(KIND, ("InProgress", "Stopping")):
            self.start(record)

    def start(self, record: Record) -> None:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        run = TuningRun(self._tools, self._engine, record)
        threading.Thread(target=run, args=(self._ending,), name=f"tuning-{record.name}", daemon=True).start()

    def shutdown(self) -> None:
        """Creates no more training jobs; the next server continues from the stored state."""
        self._ending.set()
