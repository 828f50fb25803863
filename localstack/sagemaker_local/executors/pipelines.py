"""Pipeline executions: each in its own thread, which waits for jobs and never uses a job slot."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from sagemaker_local.executors.pipeline_events import change
from sagemaker_local.executors.pipeline_steps import State, Steps
from sagemaker_local.failure_reasons import internal, store_with_retries
from sagemaker_local.pipeline_definition import definition, schedule

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

_OFTEN, _SELDOM = (
    0.05,
    0.5,
)  # bounds of the polling interval in seconds, which is a tenth of the time that a step has run
MOST_AT_ONCE = 50
_RUNNING = ("Starting", "Executing", "Stopping")
_LEFT_BEHIND = "InternalServerError: SageMaker local stopped while the execution was in progress. Please try again."
_FAILED = "Step failure: One or multiple steps failed."


class PipelineExecutor:
    """Runs pipeline executions. It works only after `bind`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._runs: dict[str, PipelineRun] = {}
        self._engine: Engine | None = None

    def bind(self, engine: Engine) -> None:
        """Ends the jobs or executions that were in progress when an earlier server stopped."""
        self._engine = engine
        for record in engine.store.with_status("PipelineExecution", ("Executing", "Stopping")):
            _fail(engine, record, _LEFT_BEHIND)

    def start(self, record: Record) -> None:
        """Runs an execution, from the beginning or from the failed steps."""
        if self._engine is None:
            raise RuntimeError("the executor is not bound to an engine")
        run = PipelineRun(self._tools, self._engine, record)
        self._runs[record.name] = run
        threading.Thread(target=self._run, args=(run,), name=f"pipeline {record.name}", daemon=True).start()

    def wake(self, record: Record) -> None:
        """Makes a running execution read its record now."""
        if run := self._runs.get(record.name):
            run.wake.set()

    def shutdown(self) -> None:
        for run in list(self._runs.values()):
            run.ending.set()
            run.wake.set()

    def _run(self, run: PipelineRun) -> None:
        try:
            run()
        finally:
            if self._runs.get(run.record.name) is run:
                del self._runs[run.record.name]


class PipelineRun:
    """One execution, from its start or its retry to its end."""

    def __init__(self, tools: Tools, engine: Engine, record: Record) -> None:
        self.engine, self.record = engine, record
        self.wake, self.ending = threading.Event(), threading.Event()
        self._last_news = time.monotonic()
        self._definition = definition.read(record.body["_Definition"])
        self._steps = Steps(tools, engine, record, self._definition)

    def __call__(self) -> None:
        try:
            while not self._advance() and not self.ending.is_set():
                waited = time.monotonic() - self._last_news
                self.wake.wait(min(max(waited / 10, _OFTEN), _SELDOM))
                self.wake.clear()
        except Exception as error:  # noqa: BLE001
            reason = internal(error)
            if not self.ending.is_set():  # else the store is closed, and the next server ends the execution
                store_with_retries(lambda: self._give_up(reason), self.ending.is_set)

    def _advance(self) -> bool:
        """Updates running steps, and starts the next ones; True once the execution has ended."""
        self.record.body = self.engine.store.current_body(self.record)
        stopping = self.record.body["PipelineExecutionStatus"] == "Stopping"
        for name, state in self._states.items():
            if state["StepStatus"] in _RUNNING:
                self._save(state, self._steps.follow(self._definition.steps[name], state))
        if stopping or self._is_terminated():
            self._stop_what_runs()
        else:
            self._start_what_may()
        if any(state["StepStatus"] in _RUNNING for state in self._states.values()):
            return False
        self._finish()
        return True

    def _start_what_may(self) -> None:
        while not self._is_terminated():
            running = sum(state["StepStatus"] in _RUNNING for state in self._states.values())
            ready = schedule.plan(self._definition, self._statuses(), self._outcomes()).ready
            selected = self.record.body.get("_Selected")
            ready = [name for name in ready if selected is None or name in selected]
            limit = self.record.body.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps", MOST_AT_ONCE)
            if not ready or running >= limit:
                return
            self._save(None, self._steps.begin(self._definition.steps[ready[0]]))

    def _stop_what_runs(self) -> None:
        for name, state in self._states.items():
            if state["StepStatus"] == "Executing":
                self._save(state, self._steps.stop(self._definition.steps[name], state))

    def _finish(self) -> None:
        statuses = self._statuses()
        failed = [name for name, status in statuses.items() if status in ("Failed", "Stopped")]
        if self.record.body["PipelineExecutionStatus"] == "Stopping":
            self._end("Stopped")
        elif not failed:
            self._end("Succeeded")
        elif all(schedule.handled(self._definition, name, statuses) for name in failed):
            self._end("CompletedWithFailures")
        else:
            self._end("Failed", _FAILED)

    def _is_terminated(self) -> bool:
        """Whether a Fail step was reached."""
        return any("Fail" in state["Metadata"] for state in self._states.values())

    # Records.

    @property
    def _states(self) -> dict[str, State]:
        states: dict[str, State] = self.record.body["_Steps"]
        return states

    def _statuses(self) -> dict[str, str]:
        return {name: state["StepStatus"] for name, state in self._states.items()}

    def _outcomes(self) -> dict[str, bool]:
        decided = {name: state["Metadata"].get("Condition") for name, state in self._states.items()}
        return {name: condition["Outcome"] == "True" for name, condition in decided.items() if condition}

    def _save(self, before: State | None, state: State) -> None:
        def mutate(body: dict[str, Any]) -> None:
            current = body["_Steps"].get(state["StepName"])
            if (
                current is None or current["StepStatus"] in _RUNNING
            ):  # a callback's answer may have arrived in the meantime
                body["_Steps"][state["StepName"]] = state

        if state != before:
            self._last_news = time.monotonic()
            change(self.engine, self.record, mutate)

    def _give_up(self, reason: str) -> None:
        for name, state in self._states.items():
            if state["StepStatus"] in _RUNNING:
                self._steps.stop_job(self._definition.steps[name], state)
        _fail(self.engine, self.record, reason)

    def _end(self, status: str, reason: str = "") -> None:
        change(self.engine, self.record, lambda body: body.update(ended(status, reason)))


def ended(status: str, reason: str = "") -> dict[str, Any]:
    """The members that an execution's end adds to its record."""
    reasons = {"FailureReason": reason, "PipelineExecutionFailureReason": reason} if reason else {}
    return {"PipelineExecutionStatus": status, **reasons}


def _fail(engine: Engine, record: Record, reason: str) -> None:
    """Ends an execution, and each of its steps that runs, as Failed."""

    def mutate(body: dict[str, Any]) -> None:
        for state in body["_Steps"].values():
            if state["StepStatus"] in _RUNNING:
                state.update(StepStatus="Failed", EndTime=engine.clock.now(), FailureReason=reason)
        body.update(ended("Failed", reason))

    change(engine, record, mutate)
