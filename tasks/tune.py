"""The search of a candidate's hyperparameters, which `train` runs for a candidate with `tune`."""

from collections.abc import Mapping
from typing import Any

from config.candidates import Candidate
from config.consistency import reports_rounds
from config.tuning import Tuning
from config.use_case import UseCase
from tasks import training_costs
from tasks.objective import is_maximized, objective
from tasks.progress import log
from tasks.sagemaker.training_jobs import FinishedTrainingJob
from tasks.sagemaker.tuning_jobs import FinishedTuningJob, run_tuning_job
from tasks.sagemaker.tuning_requests import Search


def search(use_case: UseCase, candidate: Candidate, tuning: Tuning, request: Mapping[str, Any]) -> FinishedTuningJob:
    """Run one SageMaker tuning job for a candidate, and log what it has found.

    `request` has the arguments of `run_training_job`. Raises JobFailed when no training job has completed.
    """
    budget, most = use_case.training.budget, training_costs.limit(use_case, candidate)
    wanted = Search(
        tuning=tuning,
        objective=objective(use_case),
        maximize=is_maximized(use_case),
        stops_early=tuning.stops_early(reports=reports_rounds(use_case, candidate)),
        seed=use_case.seed,
        budget=budget.model_dump(mode="json", exclude_defaults=True) if budget else None,
        seconds=most,
    )
    found = run_tuning_job(use_case.slug, wanted, **request)
    if found.out_of_budget:
        log.warning(
            "train     %s: the budget has ended the search after %d of %d jobs; its best so far counts",
            candidate.name,
            found.jobs,
            tuning.most_jobs,
        )
    values = ", ".join(f"{name} {value}" for name, value in found.tuned.items())
    log.info(
        "train     %s: best of %d jobs (%d stopped early, %d failed): %s",
        candidate.name,
        found.jobs,
        found.stopped_early,
        found.failed,
        values,
    )
    return found


def taken(job: FinishedTrainingJob, found: FinishedTuningJob | None = None) -> dict[str, Any]:
    """What a training job, or the search that has found it, took and cost: fields of a TrainedModel."""
    whole = found or job
    searched = {} if found is None else {"jobs": found.jobs, "tuning_job_name": found.name}
    return {
        "seconds": whole.seconds,
        "billed_seconds": whole.billed_seconds,
        "dollars": training_costs.dollars(whole.billed_seconds),
        **searched,
        "out_of_budget": bool(found and found.out_of_budget),
    }


def in_words(job: FinishedTrainingJob, found: FinishedTuningJob | None = None) -> str:
    """What it took, as a line of the log."""
    facts = taken(job, found)
    price = "" if facts["dollars"] is None else f", ${facts['dollars']:.4f}"
    return f"{facts['seconds']:.1f} s ({facts['billed_seconds']:,} s billed{price})"
