"""Runs jobs: as many at once as there are slots; the others wait."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING

from sagemaker_local.executors.instance_processes import LEFT_BEHIND
from sagemaker_local.executors.jobs import JobRun
from sagemaker_local.failure_reasons import store_with_retries

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record


class JobExecutor:
    """Runs the jobs of one kind, as many at once as there are slots; the others wait."""

    def __init__(self, tools: Tools, pool: ThreadPoolExecutor, kind: str, run: type[JobRun]) -> None:
        self._tools, self._pool, self._kind, self._run = tools, pool, kind, run
        self._runs: dict[str, tuple[JobRun, Future[None]]] = {}
        self._engine: Engine | None = None
        self._ending = False

    def bind(self, engine: Engine) -> None:
        """Ends the jobs or executions that were in progress when an earlier server stopped."""
        self._engine = engine
        self._run.resume(engine)
        for record in engine.store.with_status(self._kind, ("InProgress", "Stopping")):
            run = self._run(self._tools, engine, record)
            if record.status == "InProgress" and run.may_retry():
                self.submit(record)
            else:
                run.failed(LEFT_BEHIND)

    def submit(self, record: Record) -> None:
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        run = self._run(self._tools, self._engine, record)
        self._runs[record.name] = run, self._pool.submit(self._finish, run)

    def stop(self, record: Record) -> None:
        """Requests a running job to stop; one that waits for a slot stops at once."""
        run, turn = self._runs.get(record.name, (None, None))
        if run and turn and turn.cancel():
            del self._runs[record.name]
            self._record_stopped(run)
        elif run:
            run.stop()

    def _record_stopped(self, run: JobRun) -> None:
        try:
            run.stopped()
        except sqlite3.OperationalError:  # it has no slot any more, so nothing else would end it
            Thread(target=store_with_retries, args=(run.stopped, lambda: self._ending), daemon=True).start()
            raise

    def shutdown(self) -> None:
        self._ending = True
        for run, _ in list(self._runs.values()):
            run.kill()

    def _finish(self, run: JobRun) -> None:
        if self._ending:
            return
        try:
            run()
        finally:
            self._runs.pop(run.record.name, None)
