"""Runs tuning jobs to their end: SageMaker searches hyperparameters by training jobs, and the best of them counts."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from config.errors import JobFailed
from config.tuning import Range
from tasks import clients, names
from tasks.sagemaker.job_kinds import TRAINING, TUNING, add_tags, tags_of
from tasks.sagemaker.polls import Limits
from tasks.sagemaker.running_jobs import Request, run_to_end
from tasks.sagemaker.tags import job_tags
from tasks.sagemaker.training_jobs import FinishedTrainingJob, finished, has_model
from tasks.sagemaker.training_requests import TrainingRequest
from tasks.sagemaker.tuning_requests import Search, create_tuning_job

STOPPED = "stopped"
"""The tag of a tuning job that its budget has stopped."""
BUDGET = "budget"
OBJECTIVE = "FinalHyperParameterTuningJobObjectiveMetric"


@dataclass(frozen=True)
class FinishedTuningJob:
    """The results of a tuning job that has completed, or that its budget has stopped."""

    name: str
    arn: str
    best: FinishedTrainingJob
    tuned: dict[str, Any]
    """The best training job's values of the tuned hyperparameters."""
    jobs: int
    """The number of training jobs that it has started."""
    stopped_early: int
    failed: int
    billed_seconds: int
    """Of all its training jobs."""
    seconds: float
    out_of_budget: bool
    """Whether the budget has ended the search."""
    reused: bool


def run_tuning_job(prefix: str, search: Search, *, fresh: bool = False, **described: Any) -> FinishedTuningJob:
    """Run a tuning job, and wait for its end. `described` are the fields of its training jobs' TrainingRequest.

    The job's name begins with `prefix`. It is found by its request like a training job. Past `search.seconds` it is
    stopped: by SageMaker, which accepts limits from LEAST_SECONDS on, and by this process. Raises JobFailed when no
    training job has completed with the objective, and Cancelled when the run is cancelled.
    """
    wanted = TrainingRequest(**described)
    request = Request(
        kind=TUNING,
        prefix=prefix,
        decides={**wanted.content, **search.content},
        tags=(tags := job_tags(wanted.tags)),
        create=partial(create_tuning_job, wanted=wanted, search=search, tags=tags),
        is_intact=lambda job: (best := _best(job, search)) is not None and has_model(_training_job(best)),
        name=names.tuning_job,
        is_done=_is_out_of_budget,
        limits=Limits(_longest(wanted, search), search.seconds, on_stop=_mark),
    )
    ended = run_to_end(request, fresh)
    return _finished(ended.job, wanted, search, reused=ended.reused)


def _longest(wanted: TrainingRequest, search: Search) -> float:
    """Twice the time of all training jobs, for a job may wait for an instance as long as it runs."""
    return 2.0 * wanted.seconds * math.ceil(search.tuning.most_jobs / search.tuning.parallel)


def _mark(job: dict[str, Any]) -> None:
    add_tags(TUNING.arn(job), {STOPPED: BUDGET})


def _is_out_of_budget(job: dict[str, Any]) -> bool:
    """Whether a stopped tuning job was stopped by its budget: by this process, or by SageMaker."""
    limit = job["HyperParameterTuningJobConfig"]["ResourceLimits"].get("MaxRuntimeInSeconds", math.inf)
    return _seconds(job) >= limit or tags_of(TUNING.arn(job)).get(STOPPED) == BUDGET


def _seconds(job: dict[str, Any]) -> float:
    return float((job["HyperParameterTuningEndTime"] - job["CreationTime"]).total_seconds())


def _finished(job: dict[str, Any], wanted: TrainingRequest, search: Search, *, reused: bool) -> FinishedTuningJob:
    trials = list(_trials(job))
    best = _best(job, search)
    statuses = [trial["TrainingJobStatus"] for trial in trials]
    if best is None:
        raise JobFailed(
            f"tuning job {TUNING.name(job)}: expected a completed training job with {search.objective}, found "
            f"{len(trials)} training jobs: {', '.join(statuses) or 'none'}. Raise training.budget if it has ended the "
            f"search; else see their logs (CloudWatch Logs, group {TRAINING.log_group})"
        )
    model = _training_job(best)
    described = [_training_job(trial) for trial in trials]
    return FinishedTuningJob(
        name=TUNING.name(job),
        arn=TUNING.arn(job),
        best=finished(model, wanted.metrics, wanted.required, reused=reused),
        tuned=_values(search.tuning.ranges, best["TunedHyperParameters"]),
        jobs=len(trials),
        stopped_early=statuses.count("Stopped"),
        failed=statuses.count("Failed"),
        billed_seconds=sum(int(each.get("BillableTimeInSeconds", 0)) for each in described),
        seconds=_seconds(job),
        out_of_budget=len(trials) < search.tuning.most_jobs or TUNING.status(job) == "Stopped",
        reused=reused,
    )


def _values(ranges: Mapping[str, Range], texts: Mapping[str, str]) -> dict[str, Any]:
    return {name: ranges[name].value(text) for name, text in sorted(texts.items())}


def _trials(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the summaries of a tuning job's training jobs."""
    pages = clients.sagemaker().get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    for page in pages.paginate(HyperParameterTuningJobName=TUNING.name(job), PaginationConfig={"PageSize": 100}):
        yield from map(dict, page["TrainingJobSummaries"])


def _best(job: dict[str, Any], search: Search) -> dict[str, Any] | None:
    """The completed training job with the best objective, the first of equals by name; None without one.

    A training job that was stopped early has an objective too, and no model.
    """
    sign = 1 if search.maximize else -1
    found = [
        (-sign * trial[OBJECTIVE]["Value"], trial["TrainingJobName"], trial)
        for trial in _trials(job)
        if trial["TrainingJobStatus"] == "Completed" and OBJECTIVE in trial
    ]
    return min(found, key=lambda each: each[:2])[2] if found else None


def _training_job(trial: Mapping[str, Any]) -> dict[str, Any]:
    return dict(clients.sagemaker().describe_training_job(TrainingJobName=trial["TrainingJobName"]))
