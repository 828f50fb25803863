"""What training costs: expected before it starts, and real after it.

A job costs its billed seconds, times its instances, times the price of an instance in config/prices/. Offline, these
are the dollars that AWS would charge for the same seconds.
"""

from contextlib import suppress
from typing import Any

from config.candidates import Candidate
from config.errors import ConfigError, MissingInput
from config.prices import load_prices
from config.profile import active_profile
from config.use_case import UseCase
from tasks import run_records, training_budget
from tasks.progress import log
from tasks.references import PlannedTraining, TrainedModel, TrainedModels
from tasks.references.planned_training import REFIT
from tasks.sagemaker.training_jobs import FinishedTrainingJob
from tasks.sagemaker.tuning_jobs import FinishedTuningJob


def dollars_per_hour() -> float | None:
    """The price of one instance of a training job; None when config/prices/ has none for the region or the type."""
    profile = active_profile()
    with suppress(ConfigError):
        return load_prices(profile.region).find(f"training_{profile.jobs.instance_type}").price
    return None


def dollars(billed_seconds: float, instances: int = 1) -> float | None:
    """The price of a job's billed seconds, for all its instances."""
    price = dollars_per_hour()
    return None if price is None else round(price * instances * billed_seconds / 3600, 6)


def plan(use_case: UseCase) -> tuple[PlannedTraining, ...]:
    """Return the expected training of each candidate, by the latest training of the use case, and log it.

    Raises ConfigError when the budget does not allow one job of each candidate.
    """
    planned = _planned(use_case)
    limits = training_budget.limits(use_case, planned)
    planned = tuple(each.model_copy(update={"limit_seconds": limits.get(each.candidate)}) for each in planned)
    for each in planned:
        log.info("train     %s: %s", each.candidate, described(each))
    return planned


def limit(use_case: UseCase, candidate: Candidate) -> int | None:
    """The seconds after which the budget stops a candidate's search; None without a budget or a search."""
    if use_case.training.budget is None:
        return None
    return training_budget.limits(use_case, _planned(use_case)).get(candidate.name)


def described(planned: PlannedTraining) -> str:
    """What a candidate is expected to take, as a line of the log."""
    jobs = "1 job" if planned.jobs == 1 else f"{planned.jobs} jobs, {planned.parallel} at the same time,"
    price = "of unknown price" if planned.dollars_per_hour is None else f"at ${planned.dollars_per_hour:g} an hour"
    expected = "no earlier run to compare with"
    if planned.seconds_each is not None:
        seconds = planned.expected_seconds or 0.0
        expected = f"expected {seconds:,.0f} s{_in_dollars(planned.expected_dollars)} by the latest run"
    most = f"at most {planned.most_seconds_each:,} s a job{_in_dollars(planned.most_dollars)}"
    stop = "" if planned.limit_seconds is None else f"; the budget stops it after {planned.limit_seconds:,} s"
    return f"{jobs} on {planned.instance_type} {price}: {expected}; {most}{stop}"


def _in_dollars(amount: float | None) -> str:
    return "" if amount is None else f" and ${amount:.4f}" if amount < 0.1 else f" and ${amount:,.2f}"


def _earlier(use_case: UseCase) -> dict[str, float]:
    """The billed seconds of one job of each candidate, and of the refit, in the latest training of the use case."""
    try:
        latest = run_records.latest_of(use_case.name, "train", TrainedModels)
    except MissingInput:
        return {}
    refit = {REFIT: _seconds_each(latest.refitted)} if latest.refitted else {}
    return {model.candidate: _seconds_each(model) for model in latest.candidates} | refit


def _seconds_each(model: TrainedModel) -> float:
    return model.seconds if model.billed_seconds is None else model.billed_seconds / model.jobs


def _planned(use_case: UseCase) -> tuple[PlannedTraining, ...]:
    jobs, price, earlier = active_profile().jobs, dollars_per_hour(), _earlier(use_case)
    searches = {candidate.name: candidate.tune for candidate in use_case.candidates}
    if use_case.training.refit:
        searches[REFIT] = None
    return tuple(
        PlannedTraining(
            candidate=name,
            jobs=tuning.most_jobs if tuning else 1,
            parallel=tuning.parallel if tuning else 1,
            instance_type=jobs.instance_type,
            instances=use_case.training.instances,
            dollars_per_hour=price,
            seconds_each=earlier.get(name),
            most_seconds_each=jobs.max_runtime_in_seconds,
        )
        for name, tuning in searches.items()
    )


def usage(job: FinishedTrainingJob, found: FinishedTuningJob | None = None, instances: int = 1) -> dict[str, Any]:
    """What a training job, or the search that has found it, took and cost: fields of a TrainedModel."""
    whole = found or job
    searched = {} if found is None else {"jobs": found.jobs, "tuning_job_name": found.name}
    return {
        "seconds": whole.seconds,
        "billed_seconds": whole.billed_seconds,
        "dollars": dollars(whole.billed_seconds, instances),
        **searched,
        "out_of_budget": bool(found and found.out_of_budget),
    }


def usage_in_words(job: FinishedTrainingJob, found: FinishedTuningJob | None = None, instances: int = 1) -> str:
    """What it took, as a line of the log."""
    facts = usage(job, found, instances)
    price = "" if facts["dollars"] is None else f", ${facts['dollars']:.4f}"
    return f"{facts['seconds']:.1f} s ({facts['billed_seconds']:,} s billed{price})"
