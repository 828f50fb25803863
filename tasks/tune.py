"""The search of a candidate's hyperparameters, which `train` runs for a candidate with `tune`."""

from collections.abc import Mapping
from typing import Any

from config.candidates import Candidate
from config.tuning import Tuning
from config.tuning_consistency import reports_rounds
from config.use_case import UseCase
from tasks import training_costs
from tasks.decision import less_is_better
from tasks.progress import log
from tasks.sagemaker.tuning_jobs import FinishedTuningJob, run_tuning_job
from tasks.sagemaker.tuning_requests import Search

REPORT_EVERY = 10
"""The rounds of XGBoost between two values of the objective, which early stopping compares."""


def search(use_case: UseCase, candidate: Candidate, tuning: Tuning, request: Mapping[str, Any]) -> FinishedTuningJob:
    """Run one SageMaker tuning job for a candidate, and log what it has found.

    `request` has the arguments of `run_training_job`. Raises JobFailed when no training job has completed.
    """
    budget, most = use_case.training.budget, training_costs.limit(use_case, candidate)
    stops_early = tuning.stops_early(reports=reports_rounds(use_case, candidate))
    if stops_early or tuning.strategy == "Hyperband":
        given = {**request["hyperparameters"], "report_every": REPORT_EVERY}
        request = {**request, "hyperparameters": given}
    wanted = Search(
        tuning=tuning,
        objective=use_case.selected_by,
        maximize=not less_is_better(use_case.evaluation.primary),
        stops_early=stops_early,
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
