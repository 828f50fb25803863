"""Runs tuning jobs: each creates ordinary training jobs by its strategy, and learns from their results."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local import service_model
from sagemaker_local.errors import AwsError
from sagemaker_local.executors.tuning_criteria import NOTHING, Criteria, Verdict
from sagemaker_local.executors.tuning_strategies import Search, Suggestion, is_worse_than_most
from sagemaker_local.failure_reasons import LONGEST_REASON, internal, store_with_retries
from sagemaker_local.tuning_definitions import Definition, definitions_of
from sagemaker_local.tuning_rules import hyperband_resource
from sagemaker_local.tuning_trials import (
    TUNING,
    best_of,
    counters,
    ended,
    goodness,
    not_improving,
    objective_of,
    summary_of,
    trials_of,
)

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

KIND = "HyperParameterTuningJob"
_POLL_EVERY = 0.05


@dataclass
class Live:
    """A training job that runs."""

    name: str
    search: Search
    definition: Definition
    suggestion: Suggestion
    values: list[float] = field(default_factory=list)
    """Its values of the objective metric so far, in order."""
    reported: int = 0
    cannot_win: bool = False

    def take(self, metric: str, value: float) -> None:
        """Receives a value of one of its metrics."""
        if metric == self.definition.metric:
            self.values.append(value)


class TuningRun:
    """One tuning job, in its own thread. The state that outlives the server is stored with its training jobs."""

    def __init__(self, tools: Tools, engine: Engine, record: Record) -> None:
        self._tools, self._engine, self._record = tools, engine, record
        self._config = record.body["HyperParameterTuningJobConfig"]
        self._limits = self._config["ResourceLimits"]
        self._definitions = definitions_of(record.body)
        self._searches: list[Search] = []
        self._trials: dict[str, Record] = {}
        self._live: dict[str, Live] = {}
        self._curves: list[list[float]] = []
        self._exhausted = False
        self._criteria = Criteria(self._config)
        self._decided: Verdict = NOTHING

    def __call__(self, ending: threading.Event) -> None:
        """Runs until the tuning job or the server ends."""
        try:
            self._prepare()
            while not ending.is_set() and not self._step():
                ending.wait(_POLL_EVERY)
        except Exception as error:  # noqa: BLE001
            reason = internal(error)
            if not ending.is_set():
                store_with_retries(lambda: self._give_up(reason), ending.is_set)
        finally:
            for name in self._live:
                self._tools.metrics.forget(name)

    def _prepare(self) -> None:
        """Makes the searches, and feeds them known results: after a restart, and from parents."""
        past = trials_of(self._engine, self._record)
        self._trials = {trial.name: trial for trial in past}
        seed = self._config.get("RandomSeed")
        for number, definition in enumerate(self._definitions):
            least, most = hyperband_resource(self._config, definition)
            own = None if seed is None else seed + number + len(past)
            self._searches.append(Search(definition, self._config["Strategy"], own, (least, most or least)))
        for trial in past:
            self._search_of(trial).learn(trial.body[TUNING]["TunedHyperParameters"], objective_of(trial), tried=True)
        for _, trial in self._parents():
            every = trial.body["HyperParameters"]
            self._searches[0].learn(every, objective_of(trial), tried=False)

    def _step(self) -> bool:
        """Reads every training job once, starts and stops training jobs; returns whether the tuning job has ended."""
        trials = self._refreshed()
        over = [trial for trial in trials if ended(trial)]
        self._learn_from(over)
        running = len(trials) - len(over)
        if self._decided == NOTHING:  # results of training jobs that are being stopped change no verdict
            self._decided = self._verdict(over)
        if self._decided != NOTHING:
            self._stop_all()
            if running == 0:
                self._end(*self._decided, trials)
                return True
        else:
            self._watch()
            while running < self._limits["MaxParallelTrainingJobs"] and self._may_launch(len(trials)):
                running += self._launch(len(trials))
                trials = list(self._trials.values())
            if running == 0 and not self._may_launch(len(trials)):
                self._end(*self._criteria.last(trials), trials)
                return True
        self._save(trials)
        return False

    def _refreshed(self) -> list[Record]:
        """All training jobs so far, with the current state of those that had not ended."""
        for name, trial in self._trials.items():
            if not ended(trial):
                self._trials[name] = self._engine.find("TrainingJob", name) or replace(trial, status="Stopped")
        return list(self._trials.values())

    def _verdict(self, over: list[Record]) -> Verdict:
        """The status and reason with which the tuning job ends before its last training job; or NOTHING."""
        current = self._engine.store.current_body(self._record)
        if current["HyperParameterTuningJobStatus"] == "Stopping":
            return "Stopped", ""
        now = self._engine.clock.now()
        return self._criteria.early(over, now - self._record.created, now)

    def _may_launch(self, launched: int) -> bool:
        return not self._exhausted and launched < self._limits.get("MaxNumberOfTrainingJobs", float("inf"))

    def _launch(self, launched: int) -> int:
        """Creates the next training job; returns how many were created."""
        number = launched % len(self._searches)
        suggestion = self._searches[number].suggest()
        if suggestion is None:
            self._exhausted = True
            return 0
        definition = self._definitions[number]
        name = f"{self._record.name}-{launched + 1:03}-{uuid4().hex[:8]}"
        live = Live(name, self._searches[number], definition, suggestion)
        self._tools.metrics.listen(name, live.take)
        self._live[name] = live
        tuning = {
            "TrainingJobDefinitionName": definition.name,
            "TunedHyperParameters": suggestion.tuned,
            "MetricName": definition.metric,
            "Type": "Maximize" if definition.maximize else "Minimize",
        }
        tags = [{"Key": key, "Value": value} for key, value in self._engine.store.tags(self._record.arn).items()]
        request = definition.training_request(name, suggestion.tuned)
        extra = {"TuningJobArn": self._record.arn, TUNING: tuning, "Tags": tags}
        self._engine.create(self._engine.kinds["TrainingJob"], {**request, **extra})
        if trial := self._engine.find("TrainingJob", name):
            self._trials[name] = trial
        return 1

    def _learn_from(self, over: list[Record]) -> None:
        """Feeds the searches with the training jobs that have ended since the last call."""
        for trial in over:
            live = self._live.pop(trial.name, None)
            if live is None:
                continue
            self._tools.metrics.forget(trial.name)
            live.search.finish(live.suggestion, objective_of(trial))
            if trial.status == "Completed":
                self._curves.append(live.values)

    def _watch(self) -> None:
        """Reads the values that running training jobs have reported, and stops trials that cannot win."""
        early = self._config.get("TrainingJobEarlyStoppingType") == "Auto"
        for live in self._live.values():
            for value in live.values[live.reported :]:
                live.reported += 1
                curve = live.values[: live.reported]
                worse = early and is_worse_than_most(curve, self._curves, maximize=live.definition.maximize)
                if live.cannot_win or not (worse or live.search.cannot_win(live.suggestion, live.reported, value)):
                    continue
                live.cannot_win = True
                self._stop(live.name)

    def _stop_all(self) -> None:
        for trial in self._trials.values():
            if trial.status == "InProgress":
                self._stop(trial.name)

    def _give_up(self, reason: str) -> None:
        self._stop_all()
        self._end("Failed", reason)

    def _stop(self, name: str) -> None:
        try:
            self._engine.stop(self._engine.kinds["TrainingJob"], {"TrainingJobName": name})
        except AwsError:  # it has ended in the meantime
            return

    # Records.

    def _save(self, trials: list[Record]) -> None:
        """Updates the members of Describe that changed."""
        members = self._members(trials)
        current = self._engine.store.current_body(self._record)
        if any(current.get(name) != value for name, value in members.items()):
            self._engine.save(self._record, ConsumedResources=self._consumed(), **members)

    def _members(self, trials: list[Record]) -> dict[str, Any]:
        details: dict[str, Any] = {"NumberOfTrainingJobsObjectiveNotImproving": not_improving(trials)}
        if self._criteria.converged is not None:
            details["ConvergenceDetectedTime"] = self._criteria.converged
        members: dict[str, Any] = {**counters(trials), "TuningJobCompletionDetails": details}
        if best := best_of(trials):
            members["BestTrainingJob"] = _shown(best)
            warm = self._record.body.get("WarmStartConfig", {})
            if warm.get("WarmStartType") == "IdenticalDataAndAlgorithm":
                every = [*((self._record.name, trial) for trial in trials), *self._parents()]
                name, overall = max(every, key=lambda pair: goodness(pair[1]))
                members["OverallBestTrainingJob"] = _shown(overall, name)
        return members

    def _end(self, status: str, reason: str, trials: list[Record] | None = None) -> None:
        now = self._engine.clock.now()
        members = self._members(trials) if trials is not None else {}
        members["HyperParameterTuningJobStatus"] = status
        members["HyperParameterTuningEndTime"] = now
        members["ConsumedResources"] = self._consumed()
        if reason:
            members["FailureReason"] = reason[:LONGEST_REASON]
        self._engine.save(self._record, **members)

    def _consumed(self) -> dict[str, int]:
        return {"RuntimeInSeconds": max(1, round(self._engine.clock.now() - self._record.created))}

    def _parents(self) -> list[tuple[str, Record]]:
        """The training jobs of the warm start's parents, each with the name of its tuning job."""
        warm = self._record.body.get("WarmStartConfig", {})
        names = [item["HyperParameterTuningJobName"] for item in warm.get("ParentHyperParameterTuningJobs", [])]
        parents = [parent for name in names if (parent := self._engine.find(KIND, name))]
        return [(parent.name, trial) for parent in parents for trial in trials_of(self._engine, parent)]

    def _search_of(self, trial: Record) -> Search:
        names = [definition.name for definition in self._definitions]
        return self._searches[names.index(trial.body[TUNING]["TrainingJobDefinitionName"])]


def _shown(trial: Record, tuning_job: str | None = None) -> dict[str, Any]:
    shape = service_model.summary_list("ListTrainingJobsForHyperParameterTuningJob")[1]
    return dict(service_model.project(summary_of(trial, tuning_job), shape))
